"""How many events a back end can publish with a second of the server's CPU time; what idle subscribers cost.

``make bench-server`` prints tables and writes JSON. Sixteen HTTP connections each send the next event when
the one before was answered; nobody listens. The floor is an ASGI application in uvicorn that reads the body
and answers. Then subscribers of each format connect: what each takes of the server's CPU time and memory.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import selectors
import socket
import statistics
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from bench.processes import drive, serving
from bench.results import machine, parser, tell, write
from bench.subscriber import FORMATS, USERS, allow_files, connect, cpu_s, subscribe_path
from bxpull_server import AsyncPushServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from starlette.types import Receive, Scope, Send

FLOOR, OURS = "uvicorn, a bare ASGI application", "bxpull"
CHANNEL = "0" * 32
LINES = 16
EVENT = json.dumps(
    {
        "module_id": "im",
        "command": "messageChat",
        "params": {"chatId": 17, "senderId": 42, "counter": 3, "text": "The quick brown fox. " * 6},
        "extra": {"server_name": "portal.example"},
    }
).encode()


async def serve(pipe: Connection, name: str) -> None:
    """A server; tells its port, then its CPU time and memory whenever it is asked."""
    await (_serve_floor(pipe) if name == FLOOR else _serve(pipe))


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"  # noqa: S101 - nothing else is asked
    while (await receive())["more_body"]:
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


async def _serve_floor(pipe: Connection) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(_answer, http="httptools", lifespan="off", access_log=False, log_level="error")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    pipe.send((listening.getsockname()[1], []))
    await _tell_when_asked(pipe)
    server.should_exit = True
    await running


async def _serve(pipe: Connection) -> None:
    async with AsyncPushServer(server_version=5, connections_per_user=10_000) as server:
        configs = [await server.config(user) for user in range(1, USERS + 1)]
        pipe.send((server.port, configs))
        await _tell_when_asked(pipe)


async def _tell_when_asked(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    collecting = 0.0  # is for the memory to be told, and no part of what serving costs
    while await loop.run_in_executor(None, pipe.recv):
        before = cpu_s()
        gc.collect()
        collecting += cpu_s() - before
        pipe.send((cpu_s() - collecting, _resident_kib()))


def _resident_kib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def publish(port: int, seconds: float) -> int:
    """Publishes for so long; how many events were taken."""
    head = (
        f"POST /bitrix/pub/?CHANNEL_ID={CHANNEL} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Message-Expiry: 60\r\nContent-Length: {len(EVENT)}\r\n\r\n"
    )
    request = head.encode() + EVENT
    taken = 0
    answers: dict[int, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for _ in range(LINES):
            line = socket.create_connection(("127.0.0.1", port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            line.sendall(request)
            selector.register(line, selectors.EVENT_READ, line)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for key, _ in selector.select(1):
                answer = answers.pop(key.fd, b"") + key.data.recv(65536)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"not taken: {answer[:200]!r}")
                if not answer.endswith(b"}"):  # some servers send head and body apart
                    answers[key.fd] = answer
                    continue
                taken += 1
                key.data.sendall(request)
        for key in list(selector.get_map().values()):
            key.data.close()
    return taken


class Server:
    """The other end of a pipe to :func:`serve`."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.port, self.configs = pipe.recv()

    def cost(self) -> tuple[float, float]:
        """CPU seconds so far, and KiB of memory now."""
        self._pipe.send(True)
        cpu, resident = self._pipe.recv()
        return float(cpu), float(resident)


@contextmanager
def running(name: str) -> Iterator[Server]:
    """A server, from here to the end of the context."""
    with serving(serve, name) as pipe:
        yield Server(pipe)


def publishes(name: str, seconds: float) -> float:
    """How many a CPU second."""
    with running(name) as server:
        publish(server.port, 0.3)  # what is done once
        before, _ = server.cost()
        taken = publish(server.port, seconds)
        after, _ = server.cost()
    return taken / (after - before)


async def idle(connections: int, flags: dict[str, str]) -> tuple[float, float]:
    """CPU milliseconds and KiB of memory of a subscriber."""
    with running(OURS) as server:
        paths = [subscribe_path(server.configs[n % USERS], **flags) for n in range(connections)]
        some = await connect(server.port, paths[:USERS], [])  # what is made once
        cpu, held = server.cost()
        subscribers = await connect(server.port, paths, [])
        cpu_after, held_after = server.cost()
        for one in (*some, *subscribers):
            one.close()
    return (cpu_after - cpu) * 1000 / connections, (held_after - held) / connections


def main() -> int:
    """Run, and tell."""
    options = parser("Publishing by HTTP, and idle subscribers.")
    options.add_argument("--seconds", type=float, default=4, help="default: %(default)s")
    options.add_argument("--connections", type=int, default=1000, help="default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    allow_files()
    machine()
    speeds: dict[str, list[float]] = {FLOOR: [], OURS: []}
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in FORMATS}
    for _ in range(given.rounds):
        for name, found in speeds.items():
            found.append(publishes(name, given.seconds))
        for name, taken in costs.items():
            taken.append(drive(idle(given.connections, FORMATS[name])))
    speed = {name: statistics.median(found) for name, found in speeds.items()}
    tell(
        "publish",
        f"Publishing by HTTP, {LINES} connections, medians of {given.rounds}",
        ("Server", "Publishes a CPU second", "Times bare"),
        [(name, f"{found:,.0f}", f"{found / speed[FLOOR]:.2f}") for name, found in speed.items()],
        given,
    )
    tell(
        "memory",
        f"An idle subscriber, of {given.connections:,}, medians of {given.rounds}",
        ("Format", "CPU time to connect, ms", "Memory, KiB"),
        [
            (
                name,
                f"{statistics.median(cpu_ms for cpu_ms, _ in taken):.2f}",
                f"{statistics.median(kib for _, kib in taken):.1f}",
            )
            for name, taken in costs.items()
        ],
        given,
    )
    write("publish", {"publishes_per_cpu_s": speeds, "idle_cpu_ms_and_kib": costs})
    return 0


if __name__ == "__main__":
    sys.exit(main())
