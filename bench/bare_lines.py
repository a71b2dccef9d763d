"""Lines of a server that does nothing else: a handshake is answered, and what comes behind it is let go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Opened = dict[asyncio.Transport, None]


class BareLine(asyncio.Protocol):
    """One of them.

    Attributes:
        transport: Its own.

    Args:
        opened: Those whose handshake was answered, until they end.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Waits for the handshake."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answers it."""
        if self.transport in self._opened:
            self.take(data)
        else:
            self.transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            self._opened[self.transport] = None

    def take(self, data: bytes) -> None:
        """What the peer says then."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Is among the open ones no more."""
        del exc
        self._opened.pop(self.transport, None)


async def listen(pipe: Connection, make: Callable[[], BareLine]) -> None:
    """Takes connections, and tells port and paths."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, backlog=2048)
    pipe.send((server.sockets[0].getsockname()[1], ["/"]))
