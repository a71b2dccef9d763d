"""What reached the server, for tests: REST calls, publishes, sockets, polls and what came over them.

Entries hold secrets (channel ids, signatures), so they stay in memory and their ``repr`` leaves them out.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import field

from bxpull_server.value import value
from bxpull_server.waiting import Pulse

MAX_ENTRIES = 10_000
MAX_SIZE = 16 * 1024 * 1024


@value
class RestRequest:
    """A REST call.

    Attributes:
        http_method: POST, GET…
        path: As ``/rest/pull.config.get.json``.
        query: Raw query string.
        body: Raw body.
        csrf: Header ``X-Bitrix-Csrf-Token``, or None.
        user: Who it was taken for; negative for guests, 0 for nobody.
        status: HTTP status of the answer.
    """

    http_method: str
    path: str
    query: str = field(repr=False)
    body: str = field(repr=False)
    csrf: str | None = field(repr=False)
    user: int
    status: int


@value
class PublishRequest:
    """A back end's publish, or its question who listens, at ``/bitrix/pub/``.

    Attributes:
        http_method: POST or GET.
        query: Raw query string.
        body: Raw body.
        status: HTTP status of the answer.
    """

    http_method: str
    query: str = field(repr=False)
    body: bytes = field(repr=False)
    status: int


@value
class ApiRequest:
    """A back end's JSON-RPC request, at ``/bitrix/api/``.

    Attributes:
        query: Raw query string.
        body: Raw body.
        status: HTTP status of the answer.
    """

    query: str = field(repr=False)
    body: bytes = field(repr=False)
    status: int


@value
class BrowserPublish:
    """A browser's publish over HTTP, at ``/bitrix/pubweb/``.

    Attributes:
        query: Raw query string.
        body: Raw body.
        origin: Header ``Origin``, or None.
        status: HTTP status of the answer.
    """

    query: str = field(repr=False)
    body: bytes = field(repr=False)
    origin: str | None
    status: int


@value
class SocketOpened:
    """A WebSocket subscription, accepted or about to be refused.

    Attributes:
        connection: Number of the connection, 0 if it was refused.
        path: As ``/bitrix/subws/``.
        query: Raw query string.
        user: Whose private channel it listens to, 0 if nobody's.
        origin: Header ``Origin``, or None.
    """

    connection: int
    path: str
    query: str = field(repr=False)
    user: int
    origin: str | None


@value
class SocketText:
    """A text a subscriber sent.

    Attributes:
        connection: Number of the connection.
        text: What it sent.
    """

    connection: int
    text: str = field(repr=False)


@value
class SocketBytes:
    """A binary message a subscriber sent.

    Attributes:
        connection: Number of the connection.
        data: What it sent.
    """

    connection: int
    data: bytes = field(repr=False)


@value
class SocketClosed:
    """The end of a WebSocket subscription.

    Attributes:
        connection: Number of the connection, 0 if it was refused.
        user: As in :class:`SocketOpened`.
        code: Close code; 1005 if the peer gave none, 1006 if it just went.
        reason: Close reason.
        by_server: Whether this server asked for it.
    """

    connection: int
    user: int
    code: int
    reason: str
    by_server: bool


@value
class PollOpened:
    """A long poll, accepted or about to be refused.

    Attributes:
        connection: Number of the connection, the same for polls that follow each other; 0 if it was refused.
        path: As ``/bitrix/sub/``.
        query: Raw query string.
        user: As in :class:`SocketOpened`.
        origin: Header ``Origin``, or None.
    """

    connection: int
    path: str
    query: str = field(repr=False)
    user: int
    origin: str | None


@value
class PollClosed:
    """The end of a long poll.

    Attributes:
        connection: Number of the connection, 0 if it was refused.
        user: As in :class:`SocketOpened`.
        status: HTTP status of the answer; 0: the client went away without one.
    """

    connection: int
    user: int
    status: int


Entry = (
    RestRequest
    | PublishRequest
    | ApiRequest
    | BrowserPublish
    | SocketOpened
    | SocketText
    | SocketBytes
    | SocketClosed
    | PollOpened
    | PollClosed
)


class Journal:
    """The newest entries.

    Attributes:
        changed: Fires with every new entry.

    Args:
        max_entries: How many.
        max_size: Characters and bytes they may have together; the newest entry is kept whatever its size.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_size: int = MAX_SIZE) -> None:
        self.changed = Pulse()
        self._entries: deque[Entry] = deque()
        # Beside them: pairs would be as many objects more for the garbage collector to walk over.
        self._sizes: deque[int] = deque()
        self._size = 0
        self._max_entries = max_entries
        self._max_size = max_size

    def add(self, entry: Entry) -> None:
        """Note what happened."""
        size = _size(entry)
        self._entries.append(entry)
        self._sizes.append(size)
        self._size += size
        while len(self._entries) > self._max_entries or (
            self._size > self._max_size and len(self._entries) > 1
        ):
            self._entries.popleft()
            self._size -= self._sizes.popleft()
        self.changed.fire()

    def first(self, wanted: Callable[[Entry], bool]) -> Entry | None:
        """The oldest entry that is wanted."""
        return next((entry for entry in self._entries if wanted(entry)), None)

    def entries(self) -> list[Entry]:
        """A copy, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
        self._sizes.clear()
        self._size = 0


def _size(entry: Entry) -> int:
    match entry:
        case PublishRequest() | ApiRequest() | RestRequest() | BrowserPublish():
            return len(entry.query) + len(entry.body)
        case SocketOpened() | PollOpened():
            return len(entry.query)
        case SocketText():
            return len(entry.text)
        case SocketBytes():
            return len(entry.data)
        case SocketClosed() | PollClosed():
            return 0
