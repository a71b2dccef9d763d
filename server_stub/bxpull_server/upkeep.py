"""What has to be done now and then: expired messages go, ended channels are replaced."""

import asyncio
import logging

from bxpull_server.channel_keeper import ChannelKeeper
from bxpull_server.clock import Clock, Timer
from bxpull_server.store import Store

EVERY_S = 60.0
_log = logging.getLogger(__name__)


class Upkeep:
    """Works once a minute, from :meth:`start` to :meth:`stop`.

    Args:
        clock: Sets the timers.
        store: Has expired messages.
        channels: Have ends.
    """

    def __init__(self, clock: Clock, store: Store, channels: ChannelKeeper) -> None:
        self._clock = clock
        self._store = store
        self._channels = channels
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._schedule()

    def stop(self) -> None:
        """Stop; harmless if not begun."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _schedule(self) -> None:
        self._timer = self._clock.call_later(EVERY_S, self._work)

    def _work(self) -> None:
        self._store.sweep()
        self._task = asyncio.create_task(self._channels.replace_ended())
        self._task.add_done_callback(_tell_failure)
        self._schedule()


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("ended channels could not be replaced", exc_info=task.exception())
