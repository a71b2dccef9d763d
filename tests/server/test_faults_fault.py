"""bxpull_server.faults.fault."""

from typing import Any

import pytest

from bxpull_server.errors import EventError
from bxpull_server.faults.fault import Fault, Moment


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"kind": "explode"}, "kind: must be one of slow_accept, refuse, .*, not 'explode'"),
        ({"kind": ["drop"]}, "kind: must be one of"),
        ({"kind": "drop", "user": 0}, "user: must be a user id"),
        ({"kind": "drop", "connection": "1"}, r"connection: must be the number .* not '1'"),
        ({"kind": "drop", "connection": 1, "user": 1}, "connection: give user or connection, not both"),
        ({"kind": "refuse", "connection": 1, "status": 503}, "connection: refuse strikes handshakes"),
        (
            {"kind": "slow_accept", "connection": 1, "seconds": 1},
            "connection: slow_accept strikes handshakes",
        ),
        ({"kind": "drop", "times": 0}, "times: must be a whole number from 1 on, or null"),
        ({"kind": "drop", "times": True}, "times: must be a whole number"),
        ({"kind": "drop", "probability": 0}, "probability: must be a number above 0 and at most 1, not 0"),
        ({"kind": "drop", "probability": float("nan")}, "probability: must be .* not nan"),
        ({"kind": "drop", "probability": 10**400}, "probability: must be"),
        ({"kind": "drop", "seed": 0.5}, "seed: must be a whole number, not 0.5"),
        ({"kind": "drop", "when": "later"}, "when: must be now or message, not 'later'"),
        ({"kind": "drop", "seconds": 1}, "seconds: drop has none; it goes with slow_accept, delay"),
        (
            {"kind": "delay", "seconds": 1, "when": "now"},
            "when: delay has none; it goes with drop, half_open",
        ),
        ({"kind": "duplicate", "reason": "x"}, "reason: duplicate has none; it goes with refuse"),
        ({"kind": "delay"}, "seconds: delay needs a number above 0, at most 86400, not None"),
        ({"kind": "slow_accept", "seconds": float("inf")}, "seconds: slow_accept needs .* not inf"),
        ({"kind": "refuse"}, "status: refuse needs either status"),
        ({"kind": "refuse", "status": 503, "code": 1013}, "status: refuse needs either status"),
        ({"kind": "refuse", "status": 200}, "status: must be from 400 to 599, not 200"),
        ({"kind": "refuse", "code": 1006}, "code: must be 1000, 1001"),
        ({"kind": "refuse", "status": 503, "reason": 5}, "reason: must be a text, not 5"),
    ],
)
def test_what_is_wrong_is_named_with_what_it_may_be(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(EventError, match=problem):
        Fault(**fields)


def test_it_covers_its_connection_its_user_or_everybody() -> None:
    one, user, everybody = Fault("drop", connection=7), Fault("drop", user=-3), Fault("drop")
    assert [one.covers(1, 7), one.covers(1, 8), one.covers(1, None)] == [True, False, False]
    assert [user.covers(-3, 7), user.covers(3, 7), user.covers(None, None)] == [True, False, False]
    assert [everybody.covers(1, 1), everybody.covers(None, None)] == [True, True]


def test_each_kind_has_its_moment() -> None:
    assert Fault("refuse", status=503).moment is Moment.HANDSHAKE
    assert Fault("half_open").moment is Moment.OPEN
    assert Fault("drop", when="now").moment is Moment.OPEN
    assert Fault("drop", when="message").moment is Moment.MESSAGE
    assert Fault("reorder").moment is Moment.MESSAGE
