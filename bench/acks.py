"""What it costs the server that JSON-RPC subscribers confirm what they got: CPU time of a confirmation.

``make bench-server`` prints tables and writes JSON. Clients of version 5 confirm each event with a message of
its own, ``mack:<mid>``: one after an event that came alone, and many in one write after a frame of many. The
floor is a bare server that only counts bytes.
"""

from __future__ import annotations

import asyncio
import statistics
from typing import TYPE_CHECKING, Any, cast

from bench.processes import drive, serving
from bench.results import machine, parser, tell, write
from bench.subscriber import FORMATS, TEXT, USERS, Subscriber, connected, cpu_s, masked, subscribe_path
from bxpull_server import AsyncPushServer
from bxpull_server.protocol.framing import framed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOOR, OURS = "bare server", "bxpull"
# How many go out in one write, and after how long the next do.
ALONE, TOGETHER = (1, 0.05), (50, 0.25)
HOST = "127.0.0.1"
ACK = masked(TEXT, b"mack:17905000040000039740714326")
CALL = masked(TEXT, b'{"jsonrpc":"2.0","method":"ping","id":1}')
ANSWER = framed("pong")
PATIENCE_S = 60


async def serve(pipe: Connection, name: str) -> None:
    """A server; tells its CPU time whenever it is asked."""
    await (_serve_floor(pipe) if name == FLOOR else _serve(pipe))


async def _serve(pipe: Connection) -> None:
    async with AsyncPushServer(server_version=5, connections_per_user=10_000) as server:
        configs = [await server.config(user) for user in range(1, USERS + 1)]
        pipe.send((server.port, [subscribe_path(config, **FORMATS["JSON-RPC"]) for config in configs]))
        await _tell(pipe)


class _Bare(asyncio.Protocol):
    """Answers the handshake, and the last bytes of what it is told to expect."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._opened = False

    def data_received(self, data: bytes) -> None:
        if not self._opened:
            self._opened = True
            self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        elif data.endswith(CALL):
            self._transport.write(ANSWER)


async def _serve_floor(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Bare, HOST, 0, backlog=2048)
    pipe.send((server.sockets[0].getsockname()[1], ["/"]))
    await _tell(pipe)


async def _tell(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv) is not None:
        pipe.send(cpu_s())


class Confirming(Subscriber):
    """Hears when the server has dealt with all that was sent."""

    def __init__(self, path: str) -> None:
        super().__init__(path, [])
        self._answered = asyncio.Event()

    def _take(self, kind: int, content: bytes, now: int) -> None:
        super()._take(kind, content, now)
        if b"pong" in content:
            self._answered.set()

    async def settle(self) -> None:
        """Calls, and returns when that was answered."""
        self._answered.clear()
        self.send(CALL)
        await asyncio.wait_for(self._answered.wait(), PATIENCE_S)


async def measure(pipe: Connection, connections: int, seconds: float) -> dict[str, float]:
    """CPU µs of a confirmation, alone and together with others."""
    loop = asyncio.get_running_loop()
    port, paths = pipe.recv()
    made = [Confirming(paths[n % len(paths)]) for n in range(connections)]
    subscribers = await connected(port, made)

    async def cpu() -> float:
        pipe.send(True)
        return float(await loop.run_in_executor(None, pipe.recv))

    async def settle() -> None:
        for one in subscribers:
            await one.settle()

    async def confirm(count: int, pause_s: float) -> float:
        data = ACK * count
        rounds = int(seconds / pause_s)
        before = await cpu()
        await settle()
        settling = await cpu() - before
        before, began = await cpu(), loop.time()
        for turn in range(rounds):
            due = began + turn * pause_s
            await asyncio.wait([loop.create_future()], timeout=max(0, due - loop.time()))
            for one in subscribers:
                one.send(data)
        await settle()
        return (await cpu() - before - settling) / (rounds * connections * count) * 1e6

    found = {"alone_us": await confirm(*ALONE), "together_us": await confirm(*TOGETHER)}
    for one in subscribers:
        one.close()
    return found


def main() -> int:
    """Run, and tell."""
    options = parser("Confirmations of JSON-RPC subscribers, beside a server that counts bytes.")
    options.add_argument("--connections", type=int, default=100, help="default: %(default)s")
    options.add_argument("--seconds", type=float, default=3, help="of each part; default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    machine()
    rows: list[dict[str, Any]] = []
    for turn in range(given.rounds):
        for name in (FLOOR, OURS):
            with serving(serve, name) as pipe:
                row = drive(measure(pipe, given.connections, given.seconds))
            rows.append({"round": turn, "server": name, **row})
    lines = []
    for name in (FLOOR, OURS):
        alone, together = (
            statistics.median(row[key] for row in rows if row["server"] == name)
            for key in ("alone_us", "together_us")
        )
        lines.append((name, f"{alone:.1f}", f"{together:.1f}"))
    title = f"CPU of the server for a confirmation, µs, medians of {given.rounds}"
    tell(title, ("Server", "Alone", f"{TOGETHER[0]} in one write"), lines, markdown=given.md)
    write("acks", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
