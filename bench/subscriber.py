"""A subscriber that costs little: it counts the events that come, and how late each was."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

EVENT = re.compile(rb'"n":(\d+),"at":(\d+)')
FILES = 20_000
# What the query says besides the channels.
FORMATS: dict[str, dict[str, str]] = {
    "text": {},
    "protobuf": {"binaryMode": "true"},
    "JSON-RPC": {"jsonRpc": "true"},
}
USERS = 50
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
# Of WebSocket frames: final text, ping, pong; the two bytes each begins with, the longest length they tell.
TEXT, PING, PONG = 0x81, 0x89, 0x8A
FRAME_HEAD, SHORT = 2, 125
# What a server of version 5 says and hears while there are no events.
HEARTBEAT, HEARTBEAT_ANSWER = b"ping", b"pong"


def subscribe_path(config: dict[str, Any], **flags: str) -> str:
    """Where a page with this config subscribes; ``flags`` choose the format, as ``binaryMode="true"``."""
    channels = "/".join(config["channels"][kind]["id"] for kind in ("private", "shared"))
    return f"/bitrix/subws/?{urlencode({'CHANNEL_ID': channels, **flags})}"


def masked(kind: int, content: bytes) -> bytes:
    """A short frame of a client; its mask changes nothing."""
    return bytes([kind, 0x80 | len(content), 0, 0, 0, 0]) + content


class Subscriber(asyncio.Protocol):
    """Counts the events that come, and how long each was under way; answers pings, as clients do.

    Args:
        path: Where it subscribes.
        late: Gets how long each event was under way, in ns.
        unread: Bytes that may wait to be read until :func:`hear`. Of a thousand subscribers that read at once
            the last would be late for its event by that, and not by the server.
    """

    def __init__(self, path: str, late: list[int], unread: int = 0) -> None:
        self._path = path
        self._late = late
        self._rest = bytearray()
        self._come: list[tuple[int, bytes]] = []
        self._waiting = 0
        self._unread = unread
        self._transport: asyncio.Transport | None = None
        self.next = 0
        self.wrong = 0
        self.connected = asyncio.Event()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(HANDSHAKE.format(path=self._path).encode())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's interface
        """Notes it."""
        self.lost = True
        self.connected.set()

    def send(self, data: bytes) -> None:
        """Sends a whole frame."""
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        """Leaves."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Notes when it came."""
        self._come.append((time.monotonic_ns(), data))
        self._waiting += len(data)
        if self._waiting > self._unread or data[0] == PING or not self.connected.is_set():
            self.read()

    def read(self) -> None:
        """Reads what has come."""
        come, self._come, self._waiting = self._come, [], 0
        for now, data in come:
            self._read(data, now)

    def _read(self, data: bytes, now: int) -> None:
        """Reads the frames that are whole; the rest belongs to the next."""
        rest = self._rest
        rest += data
        if not self.connected.is_set():
            end = rest.find(b"\r\n\r\n")
            if end < 0:
                return
            del rest[: end + 4]
            self.connected.set()
        start = 0
        while len(rest) - start >= FRAME_HEAD:
            length, head = rest[start + 1], FRAME_HEAD
            if length > SHORT:
                more = 2 if length == SHORT + 1 else 8
                head += more
                length = int.from_bytes(rest[start + FRAME_HEAD : start + head])
            if len(rest) - start < head + length:
                break
            self._take(rest[start], bytes(rest[start + head : start + head + length]), now)
            start += head + length
        del rest[:start]

    def _take(self, kind: int, content: bytes, now: int) -> None:
        if kind == PING:
            self.send(masked(PONG, content))
        elif content == HEARTBEAT:
            self.send(masked(TEXT, HEARTBEAT_ANSWER))
        for found in EVENT.finditer(content):
            self.wrong += int(found[1]) != self.next
            self.next = int(found[1]) + 1
            self._late.append(now - int(found[2]))


T = TypeVar("T", bound=Subscriber)


async def connect(port: int, paths: list[str], late: list[int], unread: int = 0) -> list[Subscriber]:
    """A subscriber for each path, all connected."""
    return await connected(port, [Subscriber(path, late, unread) for path in paths])


async def connected(port: int, subscribers: list[T]) -> list[T]:
    """These, once they all are."""
    loop = asyncio.get_running_loop()
    for one in subscribers:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
    for one in subscribers:
        await one.connected.wait()
    return subscribers


async def hear(subscribers: list[Subscriber], count: int, patience_s: float) -> None:
    """Returns when each has heard so many events, or after so long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        await asyncio.wait([loop.create_future()], timeout=0.1)  # what is under way is not to wait for this
        for one in subscribers:
            one.read()
        if all(one.next >= count for one in subscribers) or loop.time() >= deadline:
            return


def cpu_s() -> float:
    """What this process has cost so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def allow_files() -> None:
    """Lets this process have as many sockets as it needs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, most), most))
