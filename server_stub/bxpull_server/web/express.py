"""A short way for what back ends send most: publishing is half a millisecond by way of ASGI and Starlette.

A plain POST to one of the addresses of back ends goes straight from uvicorn's parser to the handler that
Starlette's route has, too. Whatever is out of the ordinary about a request lets it take the usual way.
"""

import logging
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus

from bxpull_server import paths
from bxpull_server.web.backend_api import backend_api
from bxpull_server.web.backend_publish import backend_publish
from bxpull_server.web.backend_request import BackendRequest, Handler
from bxpull_server.web.hosts import is_known_host
from bxpull_server.web.replies import NO_STORE, Reply
from bxpull_server.web.services import Services
from bxpull_server.web.sound_headers import BARE

HANDLERS: Mapping[bytes, Handler] = {
    paths.BACKEND_PUBLISH.encode(): backend_publish,
    paths.BACKEND_API.encode(): backend_api,
}
# More, and it has to be read in parts, so that nobody fills the memory.
_MAX_BODY = 64 * 1024
# With one of these there is more to a request than its body.
_SPECIAL = frozenset(("content-encoding", "transfer-encoding", "expect", "upgrade"))
_FAILED = Reply(500, b"Internal Server Error\n", "text/plain; charset=utf-8")
# Python 3.11 looks a name in an enumeration up by way of a function.
_NO_CONTENT = HTTPStatus.NO_CONTENT.value
_log = logging.getLogger(__name__)


class _NoEvent:
    """What uvicorn sets when there is more of a body; nobody waits for it here."""

    def set(self) -> None:
        pass


class ExpressCycle:
    """One request and its answer; uvicorn knows them by the attributes of its own cycle.

    Args:
        handler: Answers it.
        services: Those of the server that got it.
        query: Raw query string.
        headers: By lower-case name.
        body: What is there of it already: all of it, or what uvicorn adds the rest to.
        keep_alive: Whether the connection stays open afterwards.
        respond: Sends the answer.
    """

    message_event = _NoEvent()
    response_started = False

    def __init__(
        self,
        handler: Handler,
        services: Services,
        query: str,
        headers: Mapping[str, str],
        body: bytes | bytearray,
        *,
        keep_alive: bool,
        respond: Callable[["ExpressCycle", Reply], None],
    ) -> None:
        self.body = body
        self.more_body = True
        self.disconnected = False
        self.response_complete = False
        self.keep_alive = keep_alive
        self._handler = handler
        self._services = services
        self._query = query
        self._headers = headers
        self._respond = respond

    async def run(self) -> None:
        """Have it answered; its body is all there."""
        # Nothing but this call holds it: it holds the cycle, which the garbage collector would have to find.
        request = BackendRequest(self._services, "POST", self._query, self._headers, self._read_body)
        try:
            reply = await self._handler(request)
        except Exception:  # noqa: BLE001 - a defect here must not cost the peer its connection
            _log.exception("a back end's request failed")
            reply = _FAILED
        self.response_complete = True
        if not self.disconnected:
            self._respond(self, reply)

    async def _read_body(self) -> bytes:
        return bytes(self.body)


def handler_of(services: Services, method: bytes, url: bytes, headers: Mapping[str, str]) -> Handler | None:
    """Who answers a request the short way; None: it takes the usual one."""
    path = url.partition(b"?")[0]
    handler = HANDLERS.get(path)
    if handler is None or method != b"POST" or b"#" in url or not _SPECIAL.isdisjoint(headers):
        return None
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return None
    if int(length) > min(_MAX_BODY, services.options.body_limit):
        return None
    return handler if is_known_host(headers.get("host", ""), services.options) else None


def reply_bytes(reply: Reply, date: bytes, *, keep_alive: bool) -> bytes:
    """An answer as it goes over the line.

    Args:
        reply: The answer.
        date: Of now, as a header has it.
        keep_alive: Whether the connection stays open afterwards.
    """
    headers = None if reply.headers is NO_STORE else tuple(reply.headers.items())
    head = _head(reply.status, headers, reply.media_type, keep_alive)
    length = b"" if reply.status == _NO_CONTENT else b"content-length: %d\r\n" % len(reply.content)
    return b"%sdate: %s\r\n%s\r\n%s" % (head, date, length, reply.content)


@lru_cache(maxsize=64)
def _head(
    status: int, headers: tuple[tuple[str, str], ...] | None, media_type: str | None, keep_alive: bool
) -> bytes:
    """What is the same for all answers of a kind; ``headers`` None: the usual ones."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    if media_type is not None:
        lines.append(f"content-type: {media_type}")
    if not keep_alive:
        lines.append("connection: close")
    for name, value in {**BARE, **dict(NO_STORE if headers is None else headers)}.items():
        lines.append(f"{name.lower()}: {value}")
    return "".join(f"{line}\r\n" for line in lines).encode()
