"""bxpull_server.rounds: who is called, and when."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server import ManualClock
from bxpull_server.clock import Timer
from bxpull_server.rounds import TOGETHER_S, Group, Rounds

INTERVAL_S = 10


class Called:
    """Rounds of names, and when each was called."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.times: dict[str, list[float]] = {}
        self.rounds = Rounds(self.clock, INTERVAL_S, self.call)

    def call(self, name: str) -> None:
        self.times.setdefault(name, []).append(round(self.clock.monotonic(), 6))

    def join(self, name: str) -> Group[str]:
        return self.rounds.join(name)


def test_each_is_called_once_an_interval_from_one_interval_on() -> None:
    called = Called()
    called.join("one")
    called.clock.advance(4)
    called.join("other")
    called.clock.advance(26)
    assert called.times == {"one": [10, 20, 30], "other": [14, 24]}


def test_who_joins_shortly_after_another_has_its_turns_with_it() -> None:
    called = Called()
    called.join("one")
    called.clock.advance(TOGETHER_S)
    called.join("other")
    called.clock.advance(20)
    assert called.times["other"] == called.times["one"] == [10, 20]


def test_who_joins_right_after_a_turn_has_the_next_with_those_who_had_it() -> None:
    called = Called()
    one = called.join("one")
    called.clock.advance(10.01)
    assert called.join("other") is one
    called.clock.advance(10)
    assert called.times == {"one": [10, 20], "other": [20]}


def test_who_has_left_is_not_called() -> None:
    called = Called()
    called.join("one")
    other = called.join("other")
    called.clock.advance(10)
    other.leave("other")
    other.leave("other")
    called.clock.advance(10)
    assert called.times == {"one": [10, 20], "other": [10]}


class LateClock:
    """One whose timers ring when the test says so, however late that is."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due = math.inf
        self._callback: Callable[[], object] = lambda: None

    def time_ns(self) -> int:
        return 0

    def monotonic(self) -> float:
        return self.now

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        self.due, self._callback = self.now + delay_s, callback
        return self

    def cancel(self) -> None:
        self.due = math.inf

    def ring(self, now: float) -> None:
        self.now = now
        self._callback()


@pytest.mark.parametrize(
    ("late", "following"), [(18, [20, 25]), (29, [30, 35]), (32, [35, 40]), (999, [1000, 1005])]
)
def test_those_whose_turns_were_late_do_not_have_them_together_from_then_on(
    late: float, following: list[float]
) -> None:
    clock = LateClock()
    called: list[str] = []
    rounds = Rounds(clock, INTERVAL_S, called.append)
    rounds.join("one")
    clock.now = 5
    rounds.join("other")
    clock.ring(late)
    assert called == ["one", "other"]
    dues = [clock.due]
    clock.ring(clock.due)
    assert len(called) == 3
    dues.append(clock.due)
    assert dues == pytest.approx(following)


def test_when_all_have_left_no_timer_is_left_either() -> None:
    called = Called()
    called.join("one").leave("one")
    assert called.clock.next_due_s == math.inf
    called.join("other")
    called.clock.advance(10)
    assert called.times == {"other": [10]}


def test_one_whose_call_lets_others_leave_is_the_last_to_be_called() -> None:
    clock = ManualClock()
    called = []

    def call(name: str) -> None:
        called.append(name)
        for one in ("a", "b", "c"):
            group.leave(one)

    rounds = Rounds(clock, INTERVAL_S, call)
    rounds.join("a")
    rounds.join("b")
    group = rounds.join("c")
    clock.advance(30)
    assert called == ["a"]


def test_a_call_that_fails_is_logged_and_keeps_nobody_from_theirs(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    called = []

    def call(name: str) -> None:
        called.append(name)
        if name == "bad":
            raise RuntimeError("broken")

    rounds = Rounds(clock, INTERVAL_S, call)
    for name in ("bad", "good"):
        rounds.join(name)
    clock.advance(20)
    assert called == ["bad", "good"] * 2
    assert caplog.text.count("RuntimeError: broken") == 2


PAUSES = st.lists(st.floats(0, TOGETHER_S / 2) | st.floats(0, 7), min_size=1, max_size=60)


@given(PAUSES)
def test_however_they_come_none_waits_longer_and_there_are_no_more_turns_than_need_be(
    pauses: list[float],
) -> None:
    called = Called()
    joined = {}
    for number, pause in enumerate(pauses):
        called.clock.advance(pause)
        called.join(str(number))
        joined[str(number)] = called.clock.monotonic()
    called.clock.advance(2 * INTERVAL_S)
    for name, at in joined.items():
        first, *others = called.times[name]
        assert INTERVAL_S - TOGETHER_S - 1e-6 <= first - at <= INTERVAL_S + 1e-6
        for before, now in zip([first, *others], others, strict=False):
            assert now - before == pytest.approx(INTERVAL_S, abs=0.003)
    last = called.clock.monotonic() - INTERVAL_S + 0.005
    turns = {time for times in called.times.values() for time in times if time > last}
    assert len(turns) <= sum(pauses) / TOGETHER_S + 1
