"""How often one connection of a page may publish or ask for something: a bucket of tokens each."""

import asyncio
from weakref import WeakKeyDictionary

from bxpull_server.clock import Clock
from bxpull_server.errors import RateError
from bxpull_server.options import ServerOptions


class Pace:
    """Counts what one connection does.

    Args:
        clock: Time.
        rate: What it may do a second, over time.
        burst: What it may do at once.
    """

    __slots__ = ("_burst", "_clock", "_left", "_looked_at", "_rate")

    def __init__(self, clock: Clock, rate: int, burst: int) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._left = float(burst)
        self._looked_at = clock.monotonic()

    def take(self, count: int) -> None:
        """Let it do ``count`` things.

        Raises:
            RateError: That is too much; nothing is counted.
        """
        self._refill()
        if count > self._left:
            raise self._error()
        self._left -= count

    def spend(self, count: int) -> None:
        """Count ``count`` things that were asked for and refused, or as many as there are left.

        Raises:
            RateError: None is left.
        """
        self._refill()
        if self._left < 1:
            raise self._error()
        self._left = max(0.0, self._left - count)

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._left = min(self._burst, self._left + (now - self._looked_at) * self._rate)
        self._looked_at = now

    def _error(self) -> RateError:
        return RateError(
            f"too fast: a connection may send {self._rate} a second (publish_rate), "
            f"{self._burst} at once (publish_burst)"
        )


class Paces:
    """One for each connection that publishes over HTTP, as long as it is open.

    Args:
        clock: Time.
        options: Rate and burst.
    """

    def __init__(self, clock: Clock, options: ServerOptions) -> None:
        self._clock = clock
        self._options = options
        self._of: WeakKeyDictionary[asyncio.Transport, Pace] = WeakKeyDictionary()

    def new(self) -> Pace:
        """For a connection that keeps it itself."""
        return Pace(self._clock, self._options.publish_rate, self._options.publish_burst)

    def of(self, transport: asyncio.Transport) -> Pace:
        """That of the connection over this transport."""
        found = self._of.get(transport)
        if found is None:
            found = self._of[transport] = self.new()
        return found
