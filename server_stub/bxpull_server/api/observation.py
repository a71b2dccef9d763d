"""Seeing what goes on, and waiting for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bxpull_server.api.parts import LEAVE_S, WAIT_S, AsyncParts
from bxpull_server.connection import Connection, close_order
from bxpull_server.errors import EventError
from bxpull_server.inbox import Inbox
from bxpull_server.journal import Entry
from bxpull_server.options import check_page
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.published import described


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """One connected subscriber.

    Attributes:
        number: Unique in this server.
        user: User id, negative for a guest, 0 if the channels are nobody's.
        format: Wire format: ``text``, ``protobuf`` or ``json-rpc``.
        transport: ``websocket`` or ``long polling``.
        opened_at: Unix time in seconds.
        sent: Frames handed to the socket.
        queued: Frames that wait.
        messages: Messages handed to the WebSocket, each of one frame or several.
        received: Messages that came over the WebSocket and have been dealt with.
        idle: Nothing is on its way to the socket, no close either.
        between_polls: Its client is expected to poll again and is not polling now.
    """

    number: int
    user: int
    format: str
    transport: str
    opened_at: float
    sent: int
    queued: int
    messages: int
    received: int
    idle: bool
    between_polls: bool


class Observation(AsyncParts):
    """Methods that look at connections and requests, and end connections."""

    async def disconnect(self, user: int, code: int = CloseCode.GOING_AWAY, reason: str = "") -> int:
        """Close a user's connections.

        Args:
            user: User id; negative for a guest.
            code: WebSocket close code the clients see: 1000, 1001, 1008, 1011 to 1013, or 3000 to 4999.
            reason: Close reason, cut to 123 bytes.

        Returns:
            How many connections are being closed.

        Raises:
            EventError: The code is not one of these, or the reason is no text.
        """
        self._check_running()
        return self._services.hub.close_user(user, close_order(code, reason))

    async def wait_connected(self, user: int, tabs: int = 1, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once ``user`` has at least ``tabs`` connections.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells who is connected.
        """
        self._check_running()
        await self._services.hub.wait_connected(user, tabs, timeout)

    async def wait_disconnected(self, user: int, timeout: float = LEAVE_S) -> None:  # noqa: ASYNC109
        """Return once ``user`` has no connection and no open poll.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how many there are.
        """
        self._check_running()
        await self._services.hub.wait_disconnected(user, timeout)

    async def wait_delivered(self, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once everything published so far was handed to the sockets.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how much waits.
        """
        self._check_running()
        await self._services.hub.wait_delivered(timeout)

    async def connections(self) -> list[ConnectionInfo]:
        """Who is connected now, oldest first."""
        self._services.hub.flush()
        return [_info(connection) for connection in self._services.hub.connections]

    async def add_page(self, path: str, content_type: str, content: bytes | str) -> None:
        """Serve ``content`` at ``path`` from now on, before every other route.

        Raises:
            OptionsError: The path does not begin with /, or the content type is none.
        """
        check_page(path, (content_type, content))
        self._set_page(path, content_type, content)

    async def add_inbox(self, inbox: Inbox) -> None:
        """Give ``inbox`` what is posted to its path, for as long as somebody else holds it."""
        self._services.inboxes[inbox.path] = inbox

    @property
    def requests(self) -> list[Entry]:
        """What reached the server so far, oldest first: see :mod:`bxpull_server.journal`."""
        return self._services.journal.entries()

    async def wait_request(self, wanted: Callable[[Entry], bool], timeout: float = WAIT_S) -> Entry:  # noqa: ASYNC109
        """Return the oldest of :attr:`requests` that is ``wanted``, as soon as there is one.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; lists what was there.
        """
        journal = self._services.journal

        def seen() -> str:
            entries = journal.entries()
            newest = "".join(f"\n  {entry}" for entry in entries[-20:])
            return f"none of {len(entries)} requests was the wanted one; the newest:{newest}"

        await journal.changed.until(lambda: journal.first(wanted) is not None, timeout, seen)
        entry = journal.first(wanted)
        assert entry is not None  # noqa: S101 - nothing ran in between
        return entry

    async def keep_published(self, limit: int = 1000) -> None:
        """Let :meth:`published` tell of the newest ``limit`` events from now on, whoever publishes them."""
        self._services.hub.feed.keep(_checked_limit(limit))

    async def published(self) -> list[dict[str, Any]]:
        """What was published since :meth:`keep_published`, oldest first, as ``GET /control/events`` tells it.

        Each has ``time``, ``mid``, ``sender``, ``targets``, ``module``, ``command``, ``params``, ``extra``,
        ``expiry`` and ``delivered``, the number of connections it was queued for; no secrets.
        """
        return [described(event, self._services.portal) for event in self._services.hub.feed.kept]

    async def clear_requests(self) -> None:
        """Forget what :attr:`requests` holds."""
        self._services.journal.clear()

    def _set_page(self, path: str, content_type: str, content: bytes | str) -> None:
        self._services.pages[path] = (content_type, content.encode() if isinstance(content, str) else content)


def _checked_limit(limit: object) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise EventError("limit", f"must be a whole number from 1 on, not {limit!r:.40}")
    return limit


def _info(connection: Connection) -> ConnectionInfo:
    return ConnectionInfo(
        number=connection.number,
        user=connection.user,
        format=connection.codec.name,
        transport=connection.transport,
        opened_at=connection.opened_at,
        sent=connection.sent,
        queued=connection.queued,
        messages=connection.messages,
        received=connection.received,
        idle=connection.idle and not connection.closing,
        between_polls=connection.between_polls,
    )
