"""Events for one of many: what each costs the server's CPU when thousands have a channel of their own.

``make bench-server`` prints a table and writes JSON. So many subscribers listen to one channel each; back
ends publish over HTTP to one of them after the other, in an order that jumps, the next event when the one
before was answered. The floor is a bare relay: it finds the socket by name, and writes. Exits with 1 if an
event was lost, came twice or out of order.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import TYPE_CHECKING, cast

from bench.bare_relay import relay_by_path
from bench.processes import ask_cost, drive, serving, tell_cost
from bench.results import in_turns, machine, median, parser, tell, write
from bench.subscriber import FORMATS, Subscriber, allow_files, connect, hear, subscribe_path
from bxpull_server import AsyncPushServer

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOOR = "bare relay"
LINES = 16
# A prime: with it each comes once before anybody comes twice, and neighbours do not follow each other.
STRIDE = 7919
PATIENCE_S = 30
TEXT = "The quick brown fox jumps over the lazy dog. " * 3


async def serve(pipe: Connection, name: str, connections: int) -> None:
    """A server; tells its port, where to subscribe and to publish, then its CPU time whenever asked."""
    if name == FLOOR:
        await _serve_floor(pipe, connections)
    else:
        await _serve(pipe, connections, FORMATS[name])


async def _serve(pipe: Connection, connections: int, flags: dict[str, str]) -> None:
    async with AsyncPushServer(server_version=5) as server:
        configs = [await server.config(user) for user in range(1, connections + 1)]
        ids = [config["channels"]["private"]["id"].partition(".")[0].partition(":")[0] for config in configs]
        paths = [subscribe_path(config, **flags) for config in configs]
        pipe.send((server.port, paths, [f"/bitrix/pub/?CHANNEL_ID={channel}" for channel in ids]))
        await tell_cost(pipe)


async def _serve_floor(pipe: Connection, connections: int) -> None:
    server = await relay_by_path()
    paths = [f"/{n}" for n in range(connections)]
    pipe.send((server.sockets[0].getsockname()[1], paths, paths))
    await tell_cost(pipe)


class Line(asyncio.Protocol):
    """A back end's connection: sends the next event as soon as the one before was taken.

    Args:
        heads: Of the requests to the channels that are its own: a channel has one line, so one order.
        events: How many to send.
    """

    def __init__(self, heads: list[str], events: int) -> None:
        self._heads = heads
        self._events = events
        self._sent = [0] * len(heads)
        self._count = 0
        self._answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Goes on behind a whole answer."""
        self._answer += data
        head, separator, body = self._answer.partition(b"\r\n\r\n")
        if not separator or len(body) < int(
            head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
        ):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(f"not taken: {self._answer[:200]!r}"))
            return
        self._answer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Must not be before the last answer."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed a line"))

    def _send(self) -> None:
        if self._count == self._events:
            self.done.set_result(None)
            self._transport.close()
            return
        index = self._count * STRIDE % len(self._heads)
        body = (
            f'{{"module_id":"bench","command":"check","params":{{"n":{self._sent[index]},'
            f'"at":{time.monotonic_ns()},"text":"{TEXT}"}}}}'
        )
        self._sent[index] += 1
        self._count += 1
        self._transport.write(f"{self._heads[index]}Content-Length: {len(body)}\r\n\r\n{body}".encode())


async def publish(port: int, paths: list[str], events: int) -> None:
    """So many events, over all lines, each to the next of the channels that its line serves."""
    loop = asyncio.get_running_loop()
    heads = [f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nMessage-Expiry: 60\r\n" for path in paths]
    lines = [Line(heads[first::LINES], events // LINES) for first in range(LINES)]
    for line in lines:
        await loop.create_connection(lambda line=line: line, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(line.done for line in lines))


async def measure(pipe: Connection, events: int) -> dict[str, float]:
    """What so many events cost the server, and how late they come."""
    port, paths, targets = pipe.recv()
    late: list[int] = []
    subscribers: list[Subscriber] = await connect(port, paths, late)
    before = await ask_cost(pipe)
    await publish(port, targets, events)
    wanted = events // LINES * LINES
    deadline = time.monotonic() + PATIENCE_S
    while len(late) < wanted and time.monotonic() < deadline:
        await hear(subscribers, sys.maxsize, 0.05)
    cost = await ask_cost(pipe) - before
    wrong = sum(one.wrong for one in subscribers)
    for one in subscribers:
        one.close()
    percent = statistics.quantiles(late, n=100)
    return {
        "us": cost / wanted * 1e6,
        "p50_ms": percent[49] / 1e6,
        "p99_ms": percent[98] / 1e6,
        "lost": wanted - len(late),
        "wrong": wrong,
    }


def main() -> int:
    """Run, and tell."""
    options = parser("Events for one of many, beside a bare relay.")
    options.add_argument("--connections", type=int, default=5000, help="default: %(default)s")
    options.add_argument("--events", type=int, default=50_000, help="default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    allow_files()
    machine()
    names = (FLOOR, *FORMATS)

    def measured(name: str) -> dict[str, float]:
        with serving(serve, name, given.connections) as pipe:
            return drive(measure(pipe, given.events))

    rows = in_turns(given.rounds, names, measured)
    lines = [
        (
            name,
            f"{median(rows, name, 'us'):.0f}",
            f"{1e6 / median(rows, name, 'us'):,.0f}",
            f"{median(rows, name, 'us') / median(rows, FLOOR, 'us'):.1f}",
            f"{median(rows, name, 'p50_ms'):.1f}",
            f"{median(rows, name, 'p99_ms'):.1f}",
            f"{sum(row['lost'] + row['wrong'] for row in rows if row['server'] == name):,.0f}",
        )
        for name in names
    ]
    head = ("Server", "CPU an event, µs", "Events a CPU second", "Times bare", "p50, ms", "p99, ms")
    title = f"To one of {given.connections:,} subscribers by HTTP, medians of {given.rounds}"
    tell("unicast", title, (*head, "Lost, wrong"), lines, given)
    write("unicast", rows)
    return int(any(row["lost"] or row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
