"""When each event of a capture is due; no clock here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bxpull_server.capture.lines import CapturedEvent

AT_ONCE = 0.0
"""The speed that waits for nothing."""


def check_speed(speed: float) -> float:
    """``speed`` if there is such a one.

    Raises:
        ValueError: It is negative, or no number.
    """
    if not 0 <= speed < math.inf:
        raise ValueError(f"speed: must be 0 (at once), 1 (as it was), 2 (twice as fast)…, not {speed!r:.40}")
    return speed


def with_due_times(events: Iterable[CapturedEvent], speed: float) -> Iterator[tuple[CapturedEvent, float]]:
    """Each event, and how many seconds after the first it is due; never before the one in front of it.

    Args:
        events: In the order in which they are sent.
        speed: 1: as far apart as they were; 2: half of it; :data:`AT_ONCE`.

    Raises:
        ValueError: There is no such speed.
    """
    check_speed(speed)
    first: float | None = None
    latest = 0.0
    for event in events:
        first = event.at if first is None else first
        # Lines of several pages may be in another order than their clocks say.
        latest = max(latest, event.at - first)
        yield event, latest / speed if speed else 0.0
