"""bxpull_server.capture.timing."""

import math

import pytest

from bxpull_server.capture.lines import CapturedEvent
from bxpull_server.capture.timing import AT_ONCE, with_due_times

EVENTS = [
    CapturedEvent(f"f:{n}", at, "im", "message", {}, {}) for n, at in enumerate((100.0, 101.0, 99.0, 104.0))
]


@pytest.mark.parametrize(
    ("speed", "due"), [(1, [0, 1, 1, 4]), (2, [0, 0.5, 0.5, 2]), (0.5, [0, 2, 2, 8]), (AT_ONCE, [0, 0, 0, 0])]
)
def test_events_are_as_far_apart_as_they_were_in_this_speed(speed: float, due: list[float]) -> None:
    assert list(with_due_times(EVENTS, speed)) == list(zip(EVENTS, due, strict=True))


@pytest.mark.parametrize("speed", [-1, math.nan, math.inf])
def test_there_is_no_such_speed(speed: float) -> None:
    with pytest.raises(ValueError, match=r"speed: must be 0 \(at once\), 1 \(as it was\)"):
        list(with_due_times(EVENTS, speed))
