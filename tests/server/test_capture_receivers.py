"""bxpull_server.capture.receivers."""

from typing import Any

import pytest

from bxpull_server.capture.lines import CapturedEvent
from bxpull_server.capture.receivers import (
    Receivers,
    named_users,
    own_receivers,
    these_receivers,
    user_of_page,
)

ONE = {"channel": "private", "user": 1}
TWO = {"channel": "private", "user": -2, "params": {"badge": 3}}


def event(*targets: dict[str, Any]) -> CapturedEvent:
    return CapturedEvent("f:1", 0.0, "im", "message", {}, {}, targets)


@pytest.mark.parametrize(
    ("targets", "receivers"),
    [
        ([ONE], Receivers((1,))),
        ([ONE, {"channel": "public", "user": 1}, TWO], Receivers((1, -2), {-2: {"badge": 3}})),
        ([{"channel": "shared"}, ONE], Receivers()),
        ([{"channel": "unknown", "fingerprint": "#1"}, ONE], Receivers((1,))),
    ],
)
def test_those_whom_the_line_names_get_it_again(targets: list[Any], receivers: Receivers) -> None:
    assert own_receivers(event(*targets)) == receivers


@pytest.mark.parametrize(
    "targets",
    [
        [],
        [{"channel": "unknown", "fingerprint": "#1"}],
        [{"channel": "private", "user": 1, "application": "app"}],
        [{"channel": "shared", "application": "app"}],
        [{"channel": "private", "user": True}],
    ],
)
def test_where_nobody_can_be_named_there_is_nobody(targets: list[Any]) -> None:
    assert own_receivers(event(*targets)) is None


def test_others_get_what_all_got_and_what_is_theirs() -> None:
    assert these_receivers(event(ONE, TWO), [5, -2, 5]) == Receivers((5, -2), {-2: {"badge": 3}})


def test_a_page_is_of_the_one_user_whom_the_lines_name() -> None:
    assert (
        user_of_page([event({"channel": "private", "user": 5}), event({"channel": "shared"}), event()]) == 5
    )
    assert user_of_page([event(TWO)]) == user_of_page([event()]) == user_of_page([event(ONE, TWO)]) == 1
    assert named_users([event(ONE), event(TWO, ONE)]) == [-2, 1]
