"""bxpull_server.eager: what a coroutine does and says is the same as in a task from its beginning."""

import asyncio

import pytest

from bxpull_server.eager import run_at_once


async def test_what_never_waits_is_done_at_once() -> None:
    done: list[str] = []

    async def work() -> None:
        done.append("all")

    assert run_at_once(work(), asyncio.get_running_loop()) is None
    assert done == ["all"]


async def test_what_waits_goes_on_in_a_task() -> None:
    loop = asyncio.get_running_loop()
    first, second = loop.create_future(), loop.create_future()
    done: list[str] = []

    async def later(name: str) -> str:
        await asyncio.sleep(0)
        return name

    async def work() -> None:
        done.append(await first)
        await asyncio.sleep(0)
        done.append(await second)
        done.extend(await asyncio.gather(later("third"), later("fourth")))

    task = run_at_once(work(), loop)
    assert task is not None
    assert done == []
    first.set_result("first")
    second.set_result("second")
    await task
    assert done == ["first", "second", "third", "fourth"]


async def test_errors_are_those_of_the_work() -> None:
    loop = asyncio.get_running_loop()
    waits_for = loop.create_future()

    async def fail(*, late: bool) -> None:
        if late:
            await waits_for
        raise KeyError("here")

    with pytest.raises(KeyError):
        run_at_once(fail(late=False), loop)
    task = run_at_once(fail(late=True), loop)
    assert task is not None
    waits_for.set_exception(OSError("there"))
    with pytest.raises(OSError, match="there"):
        await task


async def test_a_cancellation_reaches_it_where_it_waits() -> None:
    loop = asyncio.get_running_loop()
    ended: list[str] = []

    async def work() -> None:
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            ended.append("in order")
            raise

    task = run_at_once(work(), loop)
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["in order"]


async def test_what_is_cancelled_before_its_task_began_is_ended_too() -> None:
    loop = asyncio.get_running_loop()
    ended: list[str] = []

    async def work() -> None:
        try:
            await loop.create_future()
        finally:
            ended.append("here")

    kept = work()  # so that nobody ends it for lack of a reference
    task = run_at_once(kept, loop)
    assert task is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert ended == ["here"]
