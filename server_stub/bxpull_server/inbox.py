"""What pages of a test leave behind when they go: taken in at a path that only they are told."""

import secrets
import threading

MAX_BODY = 4 * 1024 * 1024
_MAX_ALL = 64 * 1024 * 1024


class Inbox:
    """Keeps what is posted to it, as far as there is room, until it is taken; from any thread.

    Attributes:
        path: Where to post; nobody can guess it.

    Args:
        folder: What the path begins with.
    """

    def __init__(self, folder: str) -> None:
        self.path = f"{folder}/{secrets.token_urlsafe(16)}"
        self._bodies: list[bytes] = []
        self._room = _MAX_ALL
        self._changed = threading.Condition()

    @property
    def room(self) -> int:
        """How many bytes the next body may have."""
        return min(MAX_BODY, self._room)

    def put(self, body: bytes) -> None:
        """Keep this."""
        with self._changed:
            self._room -= len(body)
            self._bodies.append(body)
            self._changed.notify_all()

    def take(self) -> list[bytes]:
        """What has come since this was asked last, oldest first."""
        with self._changed:
            taken, self._bodies = self._bodies, []
            self._room += sum(map(len, taken))
        return taken

    def wait(self, timeout_s: float) -> None:
        """Return once there is something to take; at the latest after ``timeout_s`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._bodies, timeout_s)
