"""Servers that are measured: each in a process of its own, run as `bxpull serve` runs one."""

from __future__ import annotations

import asyncio
import gc
import logging
import multiprocessing
import os
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from bench.subscriber import USERS, allow_files, cpu_s, subscribe_path
from bxpull_server import AsyncPushServer, collector
from bxpull_server.server import new_event_loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from multiprocessing.connection import Connection

_END_S = 10
Serve = Callable[..., Coroutine[Any, Any, None]]
T = TypeVar("T")


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Runs it on the loop that the server has: with a slower one it is measured while it waits for us."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def serving(serve: Serve, *arguments: object) -> Iterator[Connection]:
    """Our end of a pipe to ``serve(pipe, *arguments)``, which ends when it gets None there, or is killed.

    Not a fork: what this process has in memory would count as the server's. Where there are several cores
    the server has one of its own: the kernel likes to put the two who talk to each other on the same one.
    Python's garbage collector does not run here meanwhile: subscribers would be late for what comes by that.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    process = fresh.Process(target=_run, args=(serve, theirs, *arguments), daemon=True)
    process.start()
    cores = _apart(process.pid)
    gc.disable()
    try:
        yield ours
        with suppress(BrokenPipeError):  # it has ended by itself
            ours.send(None)
        process.join(_END_S)
    finally:
        gc.enable()
        process.kill()
        if cores:
            os.sched_setaffinity(0, cores)


@asynccontextmanager
async def subscribed_server(pipe: Connection, flags: dict[str, str]) -> AsyncIterator[AsyncPushServer]:
    """A server that has told its port, and where to subscribe in a format."""
    async with AsyncPushServer(server_version=5, connections_per_user=10_000) as server:
        configs = [await server.config(user) for user in range(1, USERS + 1)]
        pipe.send((server.port, [subscribe_path(config, **flags) for config in configs]))
        yield server


async def tell_cost(pipe: Connection) -> None:
    """Tells this process's CPU time whenever it is asked, until it is told to end."""
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, pipe.recv) is not None:
        pipe.send(cpu_s())


async def ask_cost(pipe: Connection) -> float:
    """CPU seconds of the process at the other end, so far."""
    pipe.send(True)
    return float(await asyncio.get_running_loop().run_in_executor(None, pipe.recv))


def _apart(pid: int | None) -> set[int]:
    """Gives a process the first core, and us the others; returns which were ours, if it did."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if pid is None or len(cores) < 2:
        return set()
    os.sched_setaffinity(pid, {min(cores)})
    os.sched_setaffinity(0, cores - {min(cores)})
    return cores


def _run(serve: Serve, *arguments: object) -> None:
    logging.disable(logging.WARNING)  # refusals are nothing new; errors are shown
    allow_files()
    collector.relax()
    drive(serve(*arguments))
