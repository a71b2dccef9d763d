"""bxpull.replaying."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from bxpull.errors import ServerRefusedError
from bxpull.replaying import at_their_times, send_all
from bxpull_server.capture.lines import CapturedEvent

EVENTS = [CapturedEvent(f"f:{n}", at, "im", "message", {}, {}) for n, at in enumerate((0.0, 2.0, 200.0), 1)]


class Time:
    """A clock that moves when somebody waits; each look at it takes a while, too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        self.now += 0.001
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("speed", "due"), [(1, [0, 2, 200]), (4, [0, 0.5, 50]), (0, [0, 0, 0])])
def test_each_event_comes_at_its_time_and_delays_do_not_add_up(speed: float, due: list[float]) -> None:
    time = Time()
    came = [
        round(time.now - 1000, 1)
        for _ in at_their_times(EVENTS, speed, monotonic=time.monotonic, wait=time.wait)
    ]
    assert came == due


def test_it_waits_again_when_it_was_woken_too_early() -> None:
    time = Time()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time.wait(min(seconds, 100))

    list(at_their_times(EVENTS, 0.1, monotonic=time.monotonic, wait=wait))
    assert time.now >= 3000
    assert len(waits) > 20


def test_there_is_no_event_too_late_to_be_waited_for() -> None:
    time = Time()

    class WaitedError(Exception):
        """Waiting has begun."""

    def wait(seconds: float) -> None:
        assert seconds <= threading.TIMEOUT_MAX
        raise WaitedError

    with pytest.raises(WaitedError):
        list(at_their_times(EVENTS, 1e-300, monotonic=time.monotonic, wait=wait))


def test_a_refused_event_is_named_with_how_many_were_sent() -> None:
    sent: list[Any] = []

    def send(request: dict[str, Any]) -> dict[str, Any]:
        if sent:
            raise ServerRefusedError("event: it is too large")
        sent.append(request)
        return {"mid": "1", "delivered": 1}

    with pytest.raises(
        ServerRefusedError, match=r"^f:2: event: it is too large \(1 of 3 events were sent\)$"
    ):
        send_all(EVENTS, [{}, {}, {}], send)
