"""Coroutines that begin at once: most never wait, and a task costs several microseconds."""

import asyncio
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any


def run_at_once(
    work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop
) -> asyncio.Task[None] | None:
    """Run it as far as it goes without waiting.

    Up to there it has no task of its own, so it may not ask for the current one (``asyncio.timeout()`` does).

    Args:
        work: Handles its own errors: what it raises before it waits is raised here.
        loop: Runs the rest.

    Returns:
        The task of the rest; None: it is done.
    """
    try:
        waits_for = work.send(None)
    except StopIteration:
        return None
    task = loop.create_task(_rest(work, waits_for))
    task.add_done_callback(lambda _: work.close())  # cancelled before it began, it would have left it there
    return task


async def _rest(work: Coroutine[Any, Any, None], waits_for: object) -> None:
    await _resumed(work, waits_for)


@types.coroutine
def _resumed(work: Coroutine[Any, Any, None], waits_for: object) -> Generator[Any, Any, None]:
    """Wait for what the coroutine waits for already, and pass on what comes of it."""
    while True:
        step: Any
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - it is the coroutine's: a cancellation, most likely
            step = partial(work.throw, error)
        else:
            step = partial(work.send, sent)
        try:
            waits_for = step()
        except StopIteration:
            return
