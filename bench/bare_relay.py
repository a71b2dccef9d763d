"""The least that takes events over HTTP and hands them to WebSockets: no channels, checks, ids or history."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING, cast

from websockets.frames import Frame, Opcode

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY = b"sec-websocket-key:"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class _Relay(asyncio.Protocol):
    """A page's socket, or a back end's connection with one whole request at a time."""

    def __init__(
        self, pages: set[asyncio.Transport], paths: dict[bytes, asyncio.Transport] | None = None
    ) -> None:
        self._pages = pages
        self._paths = paths
        self._subscribed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._subscribed:
            return  # what pages say
        head, _, body = data.partition(b"\r\n\r\n")
        if head.startswith(b"POST"):
            content = b"#!NGINXNMS!#" + b'{"text":' + body + b"}#!NGINXNME!#"
            frame = Frame(Opcode.TEXT, content).serialize(mask=False)
            if self._paths is not None:
                self._paths[head.split(b" ", 2)[1]].write(frame)
            else:
                for page in self._pages:
                    page.write(frame)
            self._transport.write(_ANSWER)
            return
        lines = head.split(b"\r\n")
        key = next(line[len(_KEY) :].strip() for line in lines if line.lower().startswith(_KEY))
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())  # noqa: S324 - RFC 6455
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self._subscribed = True
        self._pages.add(self._transport)
        if self._paths is not None:
            self._paths[head.split(b" ", 2)[1]] = self._transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._pages.discard(self._transport)


async def relay(pipe: Connection) -> None:
    """Says its port, and serves until told to end."""
    loop = asyncio.get_running_loop()
    pages: set[asyncio.Transport] = set()
    server = await loop.create_server(lambda: _Relay(pages), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await loop.run_in_executor(None, pipe.recv)


async def relay_by_path() -> asyncio.Server:
    """One where what is posted to a path goes to the page that asked for it, and to nobody else."""
    pages: set[asyncio.Transport] = set()
    paths: dict[bytes, asyncio.Transport] = {}
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Relay(pages, paths), "127.0.0.1", 0)
