"""Servers that are measured: each in a process of its own."""

from __future__ import annotations

import logging
import multiprocessing
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.subscriber import allow_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_END_S = 10


@contextmanager
def serving(serve: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Our end of a pipe to ``serve(pipe, *arguments)``, which is told there when to end, and else killed.

    Not a fork: what this process has in memory would count as the server's.
    """
    fresh = multiprocessing.get_context("spawn")
    ours, theirs = fresh.Pipe()
    process = fresh.Process(target=_quietly, args=(serve, theirs, *arguments), daemon=True)
    process.start()
    try:
        yield ours
        process.join(_END_S)
    finally:
        process.kill()


def _quietly(serve: Callable[..., None], *arguments: object) -> None:
    logging.disable(logging.WARNING)
    allow_files()
    serve(*arguments)
