"""How the chaos test's time is shortened, for the timers of pages, worker and server alike."""

from __future__ import annotations

from math import sqrt

_ROOT_FACTOR = 5

SCALE_TIMERS = f"""
const realTimeout = self.setTimeout;
self.setTimeout = (fn, ms = 0, ...rest) =>
  realTimeout(fn, {_ROOT_FACTOR} * Math.sqrt(Math.max(ms, 0)), ...rest);
"""
"""The same as :func:`scaled` for every timer that a script sets from then on."""


def scaled(seconds: float) -> float:
    """What a wait is shortened to: long ones much, and short ones, which real time has to fit into, little.

    A minute of silence becomes 1.2 s, a second 0.16 s; what is longer stays longer.
    """
    return _ROOT_FACTOR * sqrt(max(seconds, 0) * 1000) / 1000
