"""Seeing what goes on, and waiting for it, from any thread."""

from collections.abc import Callable
from typing import Any

from bxpull_server.api.observation import ConnectionInfo
from bxpull_server.api.parts import LEAVE_S, WAIT_S
from bxpull_server.api.thread_parts import ThreadParts
from bxpull_server.inbox import Inbox
from bxpull_server.journal import Entry
from bxpull_server.protocol.close_codes import CloseCode


class ThreadObservation(ThreadParts):
    """See :class:`bxpull_server.api.observation.Observation`."""

    def disconnect(self, user: int, code: int = CloseCode.GOING_AWAY, reason: str = "") -> int:
        """Close a user's connections; returns how many. See :meth:`AsyncPushServer.disconnect`."""
        return self._call(self._server.disconnect(user, code, reason))

    def wait_connected(self, user: int, tabs: int = 1, timeout: float = WAIT_S) -> None:
        """Return once ``user`` has at least ``tabs`` connections.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells who is connected.
        """
        self._call(self._server.wait_connected(user, tabs, timeout))

    def wait_disconnected(self, user: int, timeout: float = LEAVE_S) -> None:
        """Return once ``user`` has no connection and no open poll.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how many there are.
        """
        self._call(self._server.wait_disconnected(user, timeout))

    def wait_delivered(self, timeout: float = WAIT_S) -> None:
        """Return once everything published so far was handed to the sockets.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how much waits.
        """
        self._call(self._server.wait_delivered(timeout))

    def connections(self) -> list[ConnectionInfo]:
        """Who is connected now, oldest first."""
        return self._call(self._server.connections())

    def add_page(self, path: str, content_type: str, content: bytes | str) -> None:
        """Serve ``content`` at ``path`` from now on. See :meth:`AsyncPushServer.add_page`."""
        self._call(self._server.add_page(path, content_type, content))

    def add_inbox(self, inbox: Inbox) -> None:
        """Give ``inbox`` what is posted to its path. See :meth:`AsyncPushServer.add_inbox`."""
        self._call(self._server.add_inbox(inbox))

    @property
    def requests(self) -> list[Entry]:
        """What reached the server so far, oldest first: see :mod:`bxpull_server.journal`."""
        if self._loop is None:
            return self._server.requests
        return self._call(self._requests())

    def wait_request(self, wanted: Callable[[Entry], bool], timeout: float = WAIT_S) -> Entry:
        """Wait for an entry of :attr:`requests`. See :meth:`AsyncPushServer.wait_request`."""
        return self._call(self._server.wait_request(wanted, timeout))

    def keep_published(self, limit: int = 1000) -> None:
        """Keep the newest events. See :meth:`AsyncPushServer.keep_published`."""
        self._call(self._server.keep_published(limit))

    def published(self) -> list[dict[str, Any]]:
        """What was published, oldest first. See :meth:`AsyncPushServer.published`."""
        return self._call(self._server.published())

    def clear_requests(self) -> None:
        """Forget what :attr:`requests` holds."""
        self._call(self._server.clear_requests())

    async def _requests(self) -> list[Entry]:
        return self._server.requests
