"""bxpull_server.clock."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from bxpull_server.clock import LoopClock, ManualClock, SystemClock, unix_time


def test_manual_time_stands_still_until_advanced() -> None:
    clock = ManualClock(1000.5)
    assert (unix_time(clock), clock.monotonic()) == (1000.5, 0)
    clock.advance(2.25)
    assert (unix_time(clock), clock.monotonic()) == (1002.75, 2.25)


def test_manual_timers_run_at_their_moment_and_in_order() -> None:
    clock = ManualClock(0)
    calls: list[tuple[str, float]] = []

    def note(name: str) -> None:
        calls.append((name, clock.monotonic()))

    for name, delay in (("late", 3.0), ("early", 1.0), ("same", 1.0)):
        clock.call_later(delay, partial(note, name))
    clock.call_later(2, lambda: clock.call_later(0.5, partial(note, "nested")))
    clock.call_later(1, partial(note, "never")).cancel()
    clock.advance(2.75)
    assert calls == [("early", 1.0), ("same", 1.0), ("nested", 2.5)]


def test_setting_the_wall_clock_moves_no_timer() -> None:
    clock = ManualClock(1000)
    clock.set_time(10)
    assert (unix_time(clock), clock.monotonic()) == (10, 0)


async def test_system_clock_is_the_machines() -> None:
    clock = SystemClock()
    before = time.time_ns()
    assert before <= clock.time_ns() <= time.time_ns()
    assert clock.monotonic() <= clock.monotonic()
    rang = asyncio.Event()
    clock.call_later(0, rang.set)
    await rang.wait()


async def test_a_loop_clock_shows_the_others_time() -> None:
    clock = ManualClock(1000)
    ours = LoopClock(clock)
    clock.advance(5)
    assert (ours.time_ns(), ours.monotonic()) == (clock.time_ns(), 5)


async def test_timers_of_a_loop_clock_call_on_their_loop_each_at_its_own_moment() -> None:
    clock = ManualClock()
    ours = LoopClock(clock)
    loop, calls = asyncio.get_running_loop(), list[float]()

    def beat() -> None:
        assert asyncio.get_running_loop() is loop
        calls.append(clock.monotonic())
        ours.call_later(10, beat)

    ours.call_later(10, beat)
    clock.advance(20)
    assert calls == [10, 20]
    await asyncio.to_thread(clock.advance, 20)
    assert calls == [10, 20, 30, 40]


async def test_a_cancelled_timer_of_a_loop_clock_does_not_call() -> None:
    clock = ManualClock()
    calls = list[str]()
    LoopClock(clock).call_later(1, partial(calls.append, "never")).cancel()
    await asyncio.to_thread(clock.advance, 2)
    assert calls == []


def test_a_loop_clock_does_not_wait_for_a_loop_that_is_gone() -> None:
    clock = ManualClock()

    async def set_timer() -> None:
        LoopClock(clock).call_later(1, lambda: pytest.fail("there is no loop to call on"))

    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, set_timer()).result()
    clock.advance(2)
    assert clock.monotonic() == 2
