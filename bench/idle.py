"""What subscribers that hear nothing cost the server: CPU time of a thousand of them in a second.

``make bench-server`` prints a table and writes JSON. A line is asked now and then whether there is still
somebody at its end: by a ping of WebSocket, every 20 s, or, in JSON-RPC, by a heartbeat, every 10. The floor
is a bare server that asks all of its lines as often, by one timer, and only counts what comes back.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING, Any, cast

from bench.processes import drive, serving
from bench.results import machine, parser, tell, write
from bench.subscriber import (
    FORMATS,
    HEARTBEAT,
    PING,
    TEXT,
    USERS,
    allow_files,
    connect,
    cpu_s,
    subscribe_path,
)
from bxpull_server import AsyncPushServer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# How often ours asks, seconds, and with which frame.
FLOORS: dict[str, tuple[float, bytes]] = {
    "bare, every 20 s": (20, bytes([PING, 4]) + b"bare"),
    "bare, every 10 s": (10, bytes([TEXT, len(HEARTBEAT)]) + HEARTBEAT),
}
# In each turn of the loop some of them, in turns.
TURN_S = 0.05


async def serve(pipe: Connection, name: str) -> None:
    """A server; tells its CPU time whenever it is asked."""
    await (_serve_floor(pipe, *FLOORS[name]) if name in FLOORS else _serve(pipe, FORMATS[name]))


async def _serve(pipe: Connection, flags: dict[str, str]) -> None:
    async with AsyncPushServer(server_version=5, connections_per_user=10_000) as server:
        configs = [await server.config(user) for user in range(1, USERS + 1)]
        pipe.send((server.port, [subscribe_path(config, **flags) for config in configs]))
        await _tell(pipe)


class _Bare(asyncio.Protocol):
    """Answers a handshake, and counts bytes from then on."""

    def __init__(self, opened: list[asyncio.Transport]) -> None:
        self._opened = opened
        self._come = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._come:
            self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            self._opened.append(self._transport)
        self._come += len(data)


async def _serve_floor(pipe: Connection, every_s: float, frame: bytes) -> None:
    opened: list[asyncio.Transport] = []
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Bare(opened), "127.0.0.1", 0, backlog=2048)
    pipe.send((server.sockets[0].getsockname()[1], ["/"]))

    def ask(turn: int) -> None:
        turns = round(every_s / TURN_S)
        for transport in opened[turn % turns :: turns]:
            if not transport.is_closing():
                transport.write(frame)
        loop.call_later(TURN_S, ask, turn + 1)

    ask(0)
    await _tell(pipe)


async def _tell(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv) is not None:
        pipe.send(cpu_s())


async def measure(pipe: Connection, connections: int, seconds: float) -> dict[str, Any]:
    """What so many cost in so many seconds."""
    loop = asyncio.get_running_loop()
    port, paths = pipe.recv()
    subscribers = await connect(port, [paths[n % len(paths)] for n in range(connections)], [])

    async def cpu() -> float:
        pipe.send(True)
        return float(await loop.run_in_executor(None, pipe.recv))

    before, began = await cpu(), loop.time()
    await asyncio.wait([loop.create_future()], timeout=seconds)
    spent, passed = await cpu() - before, loop.time() - began
    lost = sum(one.lost for one in subscribers)
    for one in subscribers:
        one.close()
    return {"ms_a_second": spent / passed / connections * 1e6, "lost": lost}


def main() -> int:
    """Run, and tell."""
    options = parser("Subscribers that hear nothing, beside a server that only asks whether they are there.")
    options.add_argument("--connections", type=int, default=5000, help="default: %(default)s")
    options.add_argument("--seconds", type=float, default=20, help="default: %(default)s")
    options.add_argument("--rounds", type=int, default=1, help="default: %(default)s")
    given = options.parse_args()
    machine()
    allow_files()
    names = (*FLOORS, *FORMATS)
    rows: list[dict[str, Any]] = []
    for turn in range(given.rounds):
        for name in names:
            with serving(serve, name) as pipe:
                row = drive(measure(pipe, given.connections, given.seconds))
            rows.append({"round": turn, "server": name, **row})
    lines = []
    for name in names:
        cost, lost = (
            statistics.median(row[key] for row in rows if row["server"] == name)
            for key in ("ms_a_second", "lost")
        )
        lines.append((name, f"{cost:.2f}", f"{lost:.0f}"))
    title = f"CPU time of 1,000 idle subscribers in a second, ms, of {given.connections:,}"
    tell(title, ("Server", "CPU, ms", "Cut off"), lines, markdown=given.md)
    write("idle", rows)
    return int(any(row["lost"] for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
