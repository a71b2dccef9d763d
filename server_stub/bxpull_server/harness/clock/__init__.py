"""One clock for pages, their shared worker and the server: see :class:`PullClock`."""

from bxpull_server.harness.clock.errors import ClockError
from bxpull_server.harness.clock.pull_clock import PullClock

__all__ = ["ClockError", "PullClock"]
