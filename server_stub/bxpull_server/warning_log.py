"""What one server warns of, a few lines of each kind in a time: whoever attacks it does not fill the disk.

The others are counted, and told together at the end of that time, with the newest of them.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bxpull_server.clock import Clock, Timer

AT_ONCE = 20
INTERVAL_S = 10.0

Warn = Callable[..., None]
"""Takes a logger, a message with ``%s`` and the like, and what stands there."""


def warn_always(log: logging.Logger, message: str, *arguments: object) -> None:
    """Warn, however often."""
    log.warning(message, *arguments)


@dataclass(slots=True)
class _Kind:
    """Warnings with the same message, what is filled in apart."""

    begun: float
    told: int = 0
    withheld: int = 0
    newest: tuple[object, ...] = ()
    timer: Timer | None = None


class WarningLog:
    """Warns: of each kind ``AT_ONCE`` times in ``INTERVAL_S`` seconds, then of how many more there were.

    A kind is a logger and a message before anything is filled in, so there are as many as the code has.

    Args:
        clock: Time and timers.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[tuple[logging.Logger, str], _Kind] = {}

    def warn(self, log: logging.Logger, message: str, *arguments: object) -> None:
        """Warn, or count it. Of an error only the text is kept: its traceback holds the whole connection."""
        arguments = tuple(str(item) if isinstance(item, BaseException) else item for item in arguments)
        now = self._clock.monotonic()
        kind = self._kinds.setdefault((log, message), _Kind(now))
        if kind.timer is None and now - kind.begun >= INTERVAL_S:
            kind.begun, kind.told = now, 0
        if kind.told < AT_ONCE:
            kind.told += 1
            log.warning(message, *arguments)
            return
        kind.withheld += 1
        kind.newest = arguments
        if kind.timer is None:
            left = kind.begun + INTERVAL_S - now
            kind.timer = self._clock.call_later(left, lambda: self._tell(log, message, kind))

    def paced(self, log: logging.Logger) -> "PacedLogger":
        """The logger, for code that is not ours: its warnings come as :meth:`warn` lets them."""
        return PacedLogger(log, self.warn)

    def flush(self) -> None:
        """Tell now what was withheld: the server ends."""
        for (log, message), kind in self._kinds.items():
            if kind.timer is not None:
                kind.timer.cancel()
                self._tell(log, message, kind)

    def _tell(self, log: logging.Logger, message: str, kind: _Kind) -> None:
        now = self._clock.monotonic()
        more, seconds = kind.withheld, now - kind.begun
        log.warning(f"{message} (the newest of %d more like this in %.3g s)", *kind.newest, more, seconds)
        kind.begun, kind.told, kind.withheld, kind.newest, kind.timer = now, 0, 0, (), None


class PacedLogger(logging.LoggerAdapter[logging.Logger]):
    """Another logger, less the warnings that are too many.

    Args:
        log: The other one.
        warn: Warns with it.
    """

    def __init__(self, log: logging.Logger, warn: Warn) -> None:
        super().__init__(log)
        self._warn = warn

    @property
    def level(self) -> int:
        """The other one's own level."""
        return self.logger.level

    def warning(self, msg: object, *args: object, **_kwargs: Any) -> None:
        """Warn, or count it."""
        self._warn(self.logger, str(msg), *args)
