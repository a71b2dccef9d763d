"""bxpull_server.waiting."""

import asyncio

import pytest

from bxpull_server.errors import WaitTimeoutError
from bxpull_server.waiting import Pulse


async def test_returns_when_the_condition_comes_true() -> None:
    pulse, seen = Pulse(), [0]
    waiting = asyncio.create_task(pulse.until(lambda: seen[0] == 2, 5, lambda: ""))
    for _ in range(2):
        _, pending = await asyncio.wait([waiting], timeout=0)
        assert pending
        seen[0] += 1
        pulse.fire()
    await waiting


async def test_returns_at_once_if_it_holds_already() -> None:
    await Pulse().until(lambda: True, 0, lambda: "")


async def test_tells_what_is_there_instead() -> None:
    with pytest.raises(WaitTimeoutError, match=r"after 0 s nothing came"):
        await Pulse().until(lambda: False, 0, lambda: "nothing came")


async def test_a_cancelled_waiter_leaves_nothing_behind() -> None:
    pulse = Pulse()
    waiting = asyncio.create_task(pulse.until(lambda: False, 5, lambda: ""))
    await asyncio.wait([waiting], timeout=0)
    assert pulse._waiters
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not pulse._waiters
