"""bxpull_server.watches."""

from bxpull_server.clock import ManualClock
from bxpull_server.watches import Watches


def test_a_watch_lives_1860_seconds(clock: ManualClock) -> None:
    watches = Watches(clock)
    watches.add(1, "TAG")
    clock.advance(1859)
    assert watches.users("TAG") == [1]
    clock.advance(1)
    assert watches.users("TAG") == []
    assert watches.users("TAG") == []


def test_extending_renews_own_watches_only(clock: ManualClock) -> None:
    watches = Watches(clock)
    watches.add(1, "A")
    watches.add(2, "B")
    clock.advance(1000)
    assert watches.extend(1, ["A", "B", "C"]) == {"A": True, "B": False, "C": False}
    clock.advance(1000)
    assert (watches.users("A"), watches.users("B")) == ([1], [])
    assert watches.extend(2, ["B"]) == {"B": False}
