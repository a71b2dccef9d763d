"""What hundreds of ill-behaved connections do to the good ones: events lost, and how late the others come.

``python -m bench.abuse`` prints a table and writes JSON. 500 good subscribers hear 100 events a second, first
alone, then beside 200 connections that send garbage, 200 that never read and 200 that open and close, all the
time. Server, good and bad ones are processes of their own. Exits with 1 if a good one lost an event, got one
twice or out of order.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import resource
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from bench.processes import drive, serving
from bench.results import parser, tell, write
from bench.subscriber import HANDSHAKE, allow_files, connect, cpu_s, hear, subscribe_path
from bxpull_server import AsyncPushServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event

GOAL = 2
PATIENCE_S = 20
# Bad ones are elsewhere in truth: they cost the good ones what the server makes of them, not a shared CPU.
GIVES_WAY = 10
# What each kind of bad connection does again and again, and how often: the machine is to serve others, too.
PAUSE_S = {"garbage": 0.5, "silent": 5.0, "fickle": 1.0}


async def serve(pipe: Connection, rate: int) -> None:
    """The server; publishes for so many seconds as it is told, and says how many events that were."""
    loop = asyncio.get_running_loop()
    async with AsyncPushServer(server_version=3, connections_per_user=10_000) as server:
        pipe.send((server.port, [subscribe_path(await server.config(user)) for user in range(1, 501)]))
        while (seconds := await loop.run_in_executor(None, pipe.recv)) is not None:
            began = loop.time()
            count = int(seconds * rate)
            for n in range(count):
                await asyncio.wait([loop.create_future()], timeout=max(0, began + n / rate - loop.time()))
                params = {"n": n, "at": time.monotonic_ns()}
                await server.add_shared(module_id="bench", command="check", params=params)
            pipe.send((count, cpu_s(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def misbehave(port: int, paths: list[str], each: int, ready: Event, came: Synchronized[int]) -> None:
    """So many bad connections of each kind, until the process is ended."""
    allow_files()
    os.nice(GIVES_WAY)
    asyncio.run(_misbehave(port, paths, each, ready, came))


async def _misbehave(port: int, paths: list[str], each: int, ready: Event, came: Synchronized[int]) -> None:
    dice = random.Random(1)  # noqa: S311 - the same garbage each time
    loop = asyncio.get_running_loop()

    async def pause(seconds: float) -> None:
        await asyncio.wait([loop.create_future()], timeout=seconds)

    begun: set[tuple[str, int]] = set()

    async def one(kind: str, number: int) -> None:
        await pause(PAUSE_S[kind] * dice.random())
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
                begun.add((kind, number))
                came.value += 1
                if len(begun) == each * len(PAUSE_S):
                    ready.set()
                if kind == "garbage" and number % 2:
                    writer.write(dice.randbytes(2000))
                else:
                    writer.write(HANDSHAKE.format(path=paths[number % len(paths)]).encode())
                    await reader.readline()
                    if kind == "garbage":
                        writer.write(dice.randbytes(2000))
                if kind == "silent":
                    await loop.create_future()
                await pause(PAUSE_S[kind] * dice.random())
                writer.close()
            await pause(PAUSE_S[kind] * dice.random())

    await asyncio.gather(*(one(kind, number) for kind in PAUSE_S for number in range(each)))


async def measure(pipe: Connection, port: int, paths: list[str], seconds: float) -> dict[str, Any]:
    """What the good ones hear in so many seconds."""
    late: list[int] = []
    loop = asyncio.get_running_loop()
    subscribers = await connect(port, paths, late)
    before = cpu_s()
    began = loop.time()
    pipe.send(seconds)
    count, cpu, memory = await loop.run_in_executor(None, pipe.recv)
    published = loop.time() - began
    await hear(subscribers, count, PATIENCE_S)
    load = cpu_s() - before
    for good in subscribers:
        good.close()
    percent = statistics.quantiles(late, n=1000)
    return {
        "events": count,
        "deliveries": len(late),
        "lost": count * len(paths) - len(late),
        "wrong": sum(good.wrong for good in subscribers),
        "disconnected": sum(good.lost for good in subscribers),
        "published_s": published,
        "p50_ms": statistics.median(late) / 1e6,
        "p99_ms": percent[989] / 1e6,
        "server_cpu_s": cpu,
        "server_rss_kib": memory,
        "load_cpu_s": load,
    }


@contextlib.contextmanager
def beside(port: int, paths: list[str], each: int) -> Iterator[Synchronized[int]]:
    """So many bad connections of each kind, all there once; how many have come so far."""
    ready, came = multiprocessing.Event(), multiprocessing.Value("q", 0)
    arguments = (port, paths, each, ready, came)
    process = multiprocessing.Process(target=misbehave, args=arguments, daemon=True)
    process.start()
    if each:
        ready.wait()
    try:
        yield came
    finally:
        process.kill()
        process.join()


def run(seconds: float, rate: int, good: int, bad: int, rounds: int) -> list[dict[str, Any]]:
    """Quiet and disturbed, in turns."""
    rows = []
    with serving(serve, rate) as pipe:
        port, paths = pipe.recv()
        for turn in range(rounds):
            quiet = drive(measure(pipe, port, paths[:good], seconds))
            rows.append({"round": turn, "disturbed": False, "came": 0, **quiet})
            with beside(port, paths, bad) as came:
                before = came.value
                row = drive(measure(pipe, port, paths[:good], seconds))
                rows.append({"round": turn, "disturbed": True, "came": came.value - before, **row})
    return rows


def main() -> int:
    """Run, and tell."""
    options = parser("Good connections beside bad ones.")
    options.add_argument("--seconds", type=float, default=10, help="of each run; default: %(default)s")
    options.add_argument("--rate", type=int, default=100, help="events a second; default: %(default)s")
    options.add_argument("--good", type=int, default=500, help="subscribers; default: %(default)s")
    options.add_argument("--bad", type=int, default=200, help="of each kind; default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    allow_files()
    rows = run(given.seconds, given.rate, given.good, given.bad, given.rounds)
    title = f"{given.good} subscribers, {given.rate} events/s, {os.cpu_count()} CPUs"
    names = ("Run", "Bad ones came", "Published in, s", "Deliveries", "Lost", "Wrong", "Cut off", "p50, ms")
    lines = []
    for row in rows:
        name = f"beside 3 x {given.bad}" if row["disturbed"] else "quiet"
        numbers = [f"{row[key]:,}" for key in ("deliveries", "lost", "wrong", "disconnected")]
        came, took = f"{row['came']:,}", f"{row['published_s']:.1f}"
        lines.append((name, came, took, *numbers, f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}"))
    tell("abuse", title, (*names, "p99, ms"), lines, given)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    ratio = statistics.median(disturbed["p99_ms"] / quiet["p99_ms"] for quiet, disturbed in pairs)
    print(
        f"p99 beside the bad ones: {ratio:.2f} x that of the quiet run (median of the rounds; goal {GOAL:g})"
    )
    write("abuse", {"ratio": ratio, "rows": rows})
    return int(any(row["lost"] or row["wrong"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
