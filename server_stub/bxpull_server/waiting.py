"""Waiting for a condition instead of for time."""

import asyncio
from collections.abc import Callable

from bxpull_server.errors import WaitTimeoutError


class Pulse:
    """Wakes those who wait whenever something they may wait for has changed."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def fire(self) -> None:
        """Something changed: let every waiter look again."""
        if not self._waiters:
            return
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], timeout_s: float, seen: Callable[[], str]) -> None:
        """Return as soon as ``condition()`` holds.

        Args:
            condition: Looked at now and after every :meth:`fire`.
            timeout_s: Real seconds to wait at most.
            seen: Describes what there is instead, for the error.

        Raises:
            WaitTimeoutError: It did not hold in time.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiters.discard(waiter)
        except TimeoutError:
            raise WaitTimeoutError(f"after {timeout_s:g} s {seen()}") from None
