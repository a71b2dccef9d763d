"""Time as a dependency: everything that reads a clock or sets a timer is given a :class:`Clock`."""

import asyncio
import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import Protocol

NS_PER_S = 1_000_000_000
_LOOK_AGAIN_S = 0.1


class Timer(Protocol):
    """A pending call; cancelling it twice, or after it ran, does nothing."""

    def cancel(self) -> None:
        """Do not make the call."""


class Clock(Protocol):
    """Wall time, monotonic time and timers."""

    def time_ns(self) -> int:
        """Unix time in nanoseconds; may go backwards."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes backwards."""

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call ``callback`` once, ``delay_s`` seconds from now."""


def unix_time(clock: Clock) -> float:
    """Unix time of ``clock`` in seconds, with microseconds."""
    return clock.time_ns() // 1000 / 1_000_000


class SystemClock:
    """The machine's clock; timers run on the current event loop."""

    def time_ns(self) -> int:
        """Unix time in nanoseconds."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call ``callback`` on the running event loop, ``delay_s`` seconds from now."""
        return asyncio.get_running_loop().call_later(delay_s, callback)


class _ManualTimer:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """A clock that stands still until told to move: for tests and virtual time.

    Args:
        start_s: Unix time to begin with, in seconds.
    """

    def __init__(self, start_s: float = 1_790_000_000.0) -> None:
        self._wall_ns = round(start_s * NS_PER_S)
        self._elapsed_ns = 0
        self._timers: list[tuple[int, int, _ManualTimer]] = []
        self._order = itertools.count()

    def time_ns(self) -> int:
        """Unix time in nanoseconds."""
        return self._wall_ns

    def monotonic(self) -> float:
        """Seconds advanced so far."""
        return self._elapsed_ns / NS_PER_S

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call ``callback`` when the clock has been advanced by ``delay_s`` seconds."""
        timer = _ManualTimer(callback)
        due = self._elapsed_ns + max(0, round(delay_s * NS_PER_S))
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer

    @property
    def next_due_s(self) -> float:
        """Seconds until the next call is due; infinity if there is none."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return max(0, self._timers[0][0] - self._elapsed_ns) / NS_PER_S if self._timers else math.inf

    def advance(self, seconds: float) -> None:
        """Move time forward and make the calls that fall due, each at its own moment."""
        target = self._elapsed_ns + round(seconds * NS_PER_S)
        while self._timers and self._timers[0][0] <= target:
            due, _, timer = heapq.heappop(self._timers)
            self._move_to(max(due, self._elapsed_ns))
            if timer.callback is not None:
                timer.callback()
        self._move_to(target)

    def set_time(self, unix_s: float) -> None:
        """Set the wall clock, also backwards; monotonic time and timers are untouched."""
        self._wall_ns = round(unix_s * NS_PER_S)

    def _move_to(self, elapsed_ns: int) -> None:
        self._wall_ns += elapsed_ns - self._elapsed_ns
        self._elapsed_ns = elapsed_ns


class LoopClock:
    """Another clock, whose timers call back on the event loop they were set on, whichever thread moves it.

    A thread that moves it waits for each call, so that every one is made at its own moment.

    Args:
        clock: The other one.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def time_ns(self) -> int:
        """Unix time in nanoseconds."""
        return self._clock.time_ns()

    def monotonic(self) -> float:
        """Seconds of the other clock's monotonic time."""
        return self._clock.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call ``callback`` on the running event loop, ``delay_s`` seconds of the other clock from now."""
        timer = _LoopTimer(asyncio.get_running_loop(), callback)
        timer.inner = self._clock.call_later(delay_s, timer.ring)
        return timer


class _LoopTimer:
    __slots__ = ("_callback", "_loop", "_thread", "inner")

    def __init__(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
        self.inner: Timer | None = None
        self._loop = loop
        self._thread = threading.get_ident()
        self._callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self._callback = None
        if self.inner is not None:
            self.inner.cancel()

    def ring(self) -> None:
        if threading.get_ident() == self._thread:
            self._call()
            return
        called = threading.Event()
        try:
            self._loop.call_soon_threadsafe(self._call, called)
        except RuntimeError:  # it was closed: there is nobody to call any more
            return
        while not called.wait(_LOOK_AGAIN_S) and self._loop.is_running():
            pass

    def _call(self, called: threading.Event | None = None) -> None:
        try:
            if self._callback is not None:
                self._callback()
        finally:
            if called is not None:
                called.set()
