"""bxpull_server.clock."""

import asyncio
import time
from functools import partial

from bxpull_server.clock import ManualClock, SystemClock, unix_time


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
