"""A page with the client in it, and what it was told so far."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.errors import NotConnectedError
from bxpull_server.harness.recording import Entry, entry_of

if TYPE_CHECKING:
    from bxpull_server.harness.steps import Steps
    from bxpull_server.harness.surface import Surface

_CONNECT = "([ms, starts, isNew]) => bxpullRecorder.connect(ms, starts, isNew)"
_TAKE = "([count, from]) => window.bxpullRecorder ? bxpullRecorder.take(count, from) : null"
_LAST = (
    "([count, from]) => window.bxpullRecorder ?"
    " [bxpullRecorder.take(count, from), window.bxpullSecrets ? bxpullSecrets.shown() : {}] : null"
)
_MORE = "([count, from, seen, ms]) => window.bxpullRecorder && bxpullRecorder.more(count, from, seen, ms)"
_DEBUG = "() => window.bxpullRecorder ? bxpullRecorder.debug() : null"


class Tab:
    """A page of a user.

    Attributes:
        surface: The page.
        user: Whose; negative: a guest.
        name: How messages call it.
        entries: What page code was told so far, as far as it was fetched.
        barrier: Number of the newest marker that has come.
        connected: Whether the client was connected when the page was last asked.
        left: Whether the page is another user's by now.
        shown: Fingerprints of what looks like a secret, by place: as the page said when it was asked last.
    """

    def __init__(self, surface: Surface, user: int, name: str) -> None:
        self.surface = surface
        self.user = user
        self.name = name
        self.entries: list[Entry] = []
        self.barrier = 0
        self.connected = False
        self.left = False
        self.shown: dict[str, list[str]] = {}
        # Pages of several origins count for themselves: how far each count was fetched, and the newest one.
        self._next: dict[str, int] = {}
        self._count = ""

    def is_closed(self) -> bool:
        """Whether nothing can come any more."""
        return self.left or self.surface.is_closed()

    def connect(self, timeout_s: float, *, starts: bool) -> Steps[None]:
        """Wait until the client is connected, and start it first if nobody has.

        Raises:
            NotConnectedError: It does not connect.
        """
        # A driver may have been in use before: what its pages were told then is no business of this tab.
        argument = [timeout_s * 1000, starts, not self._next]
        found = yield lambda: self.surface.evaluate(_CONNECT, argument)
        if found is not True:
            raise NotConnectedError(f"{self.name}: {found}")
        self.connected = True

    def fetch(self, *, looks: bool = False) -> Steps[list[Entry]]:
        """Read what is new; returns it. Nothing, while one page of the tab is being replaced by another.

        Args:
            looks: Whether to look for secrets, too.
        """
        if self.is_closed():
            return []
        try:
            answer = yield lambda: self.surface.evaluate(_LAST if looks else _TAKE, self._place)
        except Exception as error:
            if not is_passing(error):
                raise
            return []
        if answer is None:
            self.connected = False
            return []
        if looks:
            answer, self.shown = answer
        found = json.loads(answer)
        self.connected = found["connected"]
        self.barrier = max(self.barrier, found["barrier"])
        self._count = found["count"]
        place = max(found["first"], self._next.get(self._count, 0))
        new = [entry_of(raw, self.name) for raw in found["entries"][place - found["first"] :]]
        self._next[self._count] = place + len(new)
        self.entries += new
        return new

    def wait_more(self, timeout_s: float) -> Steps[None]:
        """Return when there may be something new; at the latest after ``timeout_s`` seconds."""
        argument = [*self._place, self.barrier, timeout_s * 1000]
        try:
            yield lambda: self.surface.evaluate(_MORE, argument)
        except Exception as error:
            if not is_passing(error):
                raise

    @property
    def _place(self) -> list[Any]:
        return [self._count, self._next.get(self._count, 0)]

    def debug_info(self) -> Steps[dict[str, Any] | None]:
        """What the client says of itself; None where there is none."""
        info: dict[str, Any] | None = yield lambda: self.surface.evaluate(_DEBUG)
        return info


_PASSING = (
    "context was destroyed",
    "Cannot find context",
    "navigat",
    "has been closed",
    "been unloaded",
    "frame was detached",
    "no longer exists",
    "Page closed",
    "javascript error: document unloaded",
)


def is_passing(error: BaseException) -> bool:
    """Whether a script failed because its page is being replaced or is closed, which passes."""
    return any(part.lower() in str(error).lower() for part in _PASSING)
