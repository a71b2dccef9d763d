"""uvicorn's WebSocket protocol: long header lines, an answer to every handshake, the transport made known."""

import asyncio
import logging
from collections.abc import Generator
from typing import Any

from starlette.requests import HTTPConnection
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

MAX_LINE_BYTES = 64 * 1024
MAX_HEADERS = 128
TRANSPORT_EXTENSION = "bxpull.transport"
_TOO_LARGE = (
    "431 Request Header Fields Too Large",
    f"a handshake may have {MAX_HEADERS} header lines of {MAX_LINE_BYTES} bytes: delete cookies of this host",
)
_NOT_UNDERSTOOD = ("400 Bad Request", "this is not a WebSocket handshake")
_log = logging.getLogger(__name__)


class _LongLineReader(StreamReader):
    """Lets a line be longer than the 8 KiB of websockets: cookies are shared by all ports of a host."""

    def read_line(self, m: int, *rest: Any) -> Generator[None, None, bytearray]:
        return super().read_line(max(m, MAX_LINE_BYTES), *rest)


class _Handshake(ServerProtocol):
    def parse(self) -> Generator[None, None, None]:
        self.reader = _LongLineReader()  # the constructor starts the parser: later would be too late
        yield from super().parse()


class SubscriberProtocol(WebSocketsSansIOProtocol):
    """Adds what ASGI has no words for: cutting the line, telling a lost peer from one that said goodbye."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.conn = _Handshake(max_size=self.config.ws_max_size, logger=logging.getLogger("uvicorn.error"))
        self._head_checked = False
        self._deaf = False

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent; the first call brings the whole head of the handshake."""
        if self._deaf:
            return
        if not self._head_checked:
            self._head_checked = True
            if _too_large(data):
                self._refuse(*_TOO_LARGE)
                return
        if self.close_sent and not self.handshake_initiated:
            return
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            self._refuse(*_NOT_UNDERSTOOD)  # otherwise the peer would wait for ever

    def handle_connect(self, event: Request) -> None:
        """Put the transport where :func:`transport_of` finds it."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"] = {
                **(self.scope["extensions"] or {}),
                TRANSPORT_EXTENSION: {"transport": self.transport},
            }

    async def send(self, message: Any) -> None:
        """Send for the application. A handshake that it denied is done, too, other than uvicorn thinks."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Report 1006 instead of 1005 if no close frame came."""
        if self.conn.close_rcvd is None:
            self.handshake_complete = False
        super().connection_lost(exc)

    def go_deaf(self) -> None:
        """Take nothing any more, not even a ping or a close frame, and send no ping: only the line's end."""
        self._deaf = True
        self.stop_keepalive()
        self.transport.resume_reading()  # a message may wait to be read; what comes is thrown away

    def _refuse(self, status: str, sentence: str) -> None:
        _log.warning("handshake refused: %s", sentence)
        body = f"{sentence}\n"
        self.transport.write(
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        )
        self.close_sent = True
        self.transport.close()


def transport_of(request: HTTPConnection) -> asyncio.Transport:
    """The transport under a WebSocket or request of this server."""
    transport: asyncio.Transport = request.scope["extensions"][TRANSPORT_EXTENSION]["transport"]
    return transport


def _too_large(head: bytes) -> bool:
    lines = head.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return len(lines) > MAX_HEADERS + 1 or any(len(line) > MAX_LINE_BYTES - 2 for line in lines)
