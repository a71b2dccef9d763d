"""Cutting a line whose peer takes nothing: closing it in order would wait for that peer for ever."""

import asyncio


class CutOff:
    """Cuts one line after a while, unless it is told otherwise.

    Args:
        loop: Timers, in real time: peers are real.
    """

    __slots__ = ("_loop", "_timer", "_transport")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, transport: asyncio.Transport) -> None:
        """Which line it is."""
        self._transport = transport

    def start(self, seconds: float) -> None:
        """Cut it in so many seconds; the first call counts."""
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._cut)

    def cancel(self) -> None:
        """Leave it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self) -> None:
        self._timer = None
        if self._transport is not None:
            self._transport.abort()
