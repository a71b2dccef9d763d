"""How many deliveries the server makes with a second of its CPU time, in each format, and how late they come.

``make bench-server`` prints a table and writes JSON. Many subscribers listen to one channel. First it is
published to as fast as that goes, one event in each turn of the loop; then at a fixed rate. The floor is a
bare server that writes a finished frame to every socket, one write for each event: what a server costs that
does nothing else, and gathers nothing. Server and subscribers are processes of their own; every event is
checked off. Exits with 1 if a subscriber missed an event, got one twice or out of order.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from websockets.frames import Frame, Opcode

from bench.bare_lines import BareLine, Opened, listen
from bench.processes import drive, serving, subscribed_server
from bench.results import in_turns, median, parser, tell, write
from bench.subscriber import FORMATS, allow_files, connect, cpu_s, hear

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from multiprocessing.connection import Connection

FLOOR = "bare server"
RATE = 20
# About what an event of a chat has.
TEXT = "The quick brown fox jumps over the lazy dog. " * 3
PATIENCE_S = 60
# Bytes of an event in any format, at most.
EVENT_SIZE = 1024


async def serve(pipe: Connection, name: str) -> None:
    """A server; publishes as it is told, and says what that cost."""
    await (_serve_floor(pipe) if name == FLOOR else _serve(pipe, FORMATS[name]))


async def _serve(pipe: Connection, flags: dict[str, str]) -> None:
    async with subscribed_server(pipe, flags) as server:

        async def publish(params: dict[str, Any]) -> None:
            await server.add_shared(module_id="bench", command="check", params=params)

        await _publish_as_told(pipe, publish)


async def _serve_floor(pipe: Connection) -> None:
    opened: Opened = {}
    await listen(pipe, lambda: BareLine(opened))

    async def publish(params: dict[str, Any]) -> None:
        event = {"module_id": "bench", "command": "check", "params": params}
        data = Frame(Opcode.TEXT, json.dumps(event, separators=(",", ":")).encode()).serialize(mask=False)
        for transport in opened:
            transport.write(data)

    await _publish_as_told(pipe, publish)


async def _publish_as_told(pipe: Connection, publish: Callable[[dict[str, Any]], Awaitable[object]]) -> None:
    loop = asyncio.get_running_loop()
    while (order := await loop.run_in_executor(None, pipe.recv)) is not None:
        first, count, rate = order
        before = cpu_s()
        began = loop.time()
        for n in range(count):
            due = began + n / rate if rate else 0
            await asyncio.wait([loop.create_future()], timeout=max(0, due - loop.time()))
            await publish({"n": first + n, "at": time.monotonic_ns(), "text": TEXT})
        pipe.send("published")
        await loop.run_in_executor(None, pipe.recv)  # all have come
        pipe.send(cpu_s() - before)


async def measure(
    pipe: Connection, connections: int, messages: int, seconds: float, rate: float = RATE
) -> dict[str, Any]:
    """What so many subscribers hear: of events at full speed, then for so many seconds at this rate."""
    loop = asyncio.get_running_loop()
    port, paths = pipe.recv()
    late: list[int] = []
    paced = max(2, int(rate * seconds))
    # Those of some seconds at this rate wait unread, not all of those at full speed.
    unread = paced * EVENT_SIZE
    subscribers = await connect(port, [paths[n % len(paths)] for n in range(connections)], late, unread)

    async def listen(first: int, count: int, rate: float) -> float:
        pipe.send((first, count, rate))
        await loop.run_in_executor(None, pipe.recv)
        await hear(subscribers, first + count, PATIENCE_S)
        pipe.send("come")
        return float(await loop.run_in_executor(None, pipe.recv))

    cost_s = await listen(0, messages, 0)
    full = len(late)
    late.clear()
    paced_cost_s = await listen(messages, paced, rate)
    cut_off = sum(one.lost for one in subscribers)
    for one in subscribers:
        one.close()
    percent = statistics.quantiles(late, n=100)
    return {
        "deliveries": full,
        "lost": (messages + paced) * connections - full - len(late),
        "wrong": sum(one.wrong for one in subscribers),
        "cpu_s": cost_s,
        "per_cpu_s": full / cost_s,
        "paced_us": paced_cost_s / len(late) * 1e6,
        "cut_off": cut_off,
        "p50_ms": statistics.median(late) / 1e6,
        "p99_ms": percent[98] / 1e6,
    }


def run(connections: int, messages: int, seconds: float, rounds: int) -> list[dict[str, Any]]:
    """All servers in turns, so many times."""

    def measured(name: str) -> dict[str, Any]:
        with serving(serve, name) as pipe:
            return drive(measure(pipe, connections, messages, seconds))

    return in_turns(rounds, (FLOOR, *FORMATS), measured)


def main() -> int:
    """Run, and tell."""
    options = parser("Fan-out of the server, beside a bare one.")
    options.add_argument("--connections", type=int, default=1000, help="default: %(default)s")
    options.add_argument("--messages", type=int, default=2000, help="at full speed; default: %(default)s")
    options.add_argument("--seconds", type=float, default=5, help=f"at {RATE} a second; default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    allow_files()
    rows = run(given.connections, given.messages, given.seconds, given.rounds)
    title = (
        f"One channel, {given.connections:,} subscribers, {os.cpu_count()} CPUs, medians of {given.rounds}"
    )
    names = (
        "Server",
        "Deliveries a CPU second",
        "Times bare",
        f"CPU of one at {RATE}/s, µs",
        f"p50 at {RATE}/s, ms",
        "p99, ms",
        "Times bare",
    )
    lines = []

    for name in (FLOOR, *FORMATS):
        bad = sum(row["lost"] + row["wrong"] for row in rows if row["server"] == name)
        speed, late = median(rows, name, "per_cpu_s"), median(rows, name, "p99_ms")
        lines.append(
            (
                name,
                f"{speed:,.0f}",
                f"{speed / median(rows, FLOOR, 'per_cpu_s'):.1f}",
                f"{median(rows, name, 'paced_us'):.1f}",
                f"{median(rows, name, 'p50_ms'):.1f}",
                f"{late:.1f}",
                f"{late / median(rows, FLOOR, 'p99_ms'):.2f}",
                f"{bad:,}",
            )
        )
    tell("server", title, (*names, "Lost, wrong"), lines, given)
    write("server", rows)
    return int(any(row["lost"] or row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
