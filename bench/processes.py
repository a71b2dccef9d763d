"""Servers that are measured: each in a process of its own, run as `bxpull serve` runs one."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Coroutine
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bench.subscriber import allow_files
from bxpull_server import collector
from bxpull_server.server import new_event_loop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

_END_S = 10
Serve = Callable[..., Coroutine[Any, Any, None]]


@contextmanager
def serving(serve: Serve, *arguments: object) -> Iterator[Connection]:
    """Our end of a pipe to ``serve(pipe, *arguments)``, which ends when it gets None there, or is killed.

    Not a fork: what this process has in memory would count as the server's.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    process = fresh.Process(target=_run, args=(serve, theirs, *arguments), daemon=True)
    process.start()
    try:
        yield ours
        with suppress(BrokenPipeError):  # it has ended by itself
            ours.send(None)
        process.join(_END_S)
    finally:
        process.kill()


def _run(serve: Serve, *arguments: object) -> None:
    logging.disable(logging.WARNING)  # refusals are nothing new; errors are shown
    allow_files()
    collector.relax()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(*arguments))
