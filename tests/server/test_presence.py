"""bxpull_server.presence."""

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.presence import Presence


@pytest.fixture
def presence(clock: ManualClock) -> Presence:
    return Presence(clock)


def test_a_user_is_online_until_the_last_connection_is_gone(presence: Presence) -> None:
    states = [presence.is_online(1)]
    for step in (presence.arrived, presence.arrived, presence.left, presence.left):
        step(1)
        states.append(presence.is_online(1))
    assert states == [False, True, True, True, False]


def test_tells_seconds_since_the_last_connection_and_nothing_of_strangers(
    presence: Presence, clock: ManualClock
) -> None:
    presence.arrived(1)
    presence.arrived(-2)
    presence.left(-2)
    clock.advance(90.5)
    assert presence.last_seen([1, -2, 3]) == {1: 0, -2: 90}


def test_whoever_has_just_left_is_not_taken_for_online(presence: Presence) -> None:
    presence.arrived(1)
    presence.left(1)
    assert presence.last_seen([1]) == {1: 1}


def test_the_back_end_may_have_seen_a_user_later_but_not_earlier(
    presence: Presence, clock: ManualClock
) -> None:
    now = clock.time_ns() // 10**9
    presence.set_last_seen(5, now - 100)
    assert presence.last_seen([5]) == {5: 100}
    presence.set_last_seen(5, now - 300)
    presence.set_last_seen(5, now - 40)
    assert presence.last_seen([5]) == {5: 40}


def test_changes_are_told_once(presence: Presence) -> None:
    changes: list[tuple[int, bool]] = []
    presence.on_change = lambda user, online: changes.append((user, online))
    for step in (presence.arrived, presence.arrived, presence.left, presence.left):
        step(7)
    assert changes == [(7, True), (7, False)]


def test_nobody_is_never_online(presence: Presence) -> None:
    presence.arrived(0)
    assert not presence.is_online(0)
    presence.left(0)
    assert presence.last_seen([0]) == {}
