"""bxpull_server.users."""

import pytest

from bxpull_server.errors import EventError
from bxpull_server.users import check_unix_time, check_user


def test_users_and_guests_have_numbers() -> None:
    assert [check_user(1), check_user(-1), check_user(10**16 - 1)] == [1, -1, 10**16 - 1]


@pytest.mark.parametrize("user", [0, True, "1", None, 1.0, 10**16, -(10**16), 10**4000])
def test_a_user_is_a_whole_number_other_than_zero_of_16_digits(user: object) -> None:
    with pytest.raises(EventError, match="watcher: must be a user id"):
        check_user(user, "watcher")


def test_moments_are_finite_numbers() -> None:
    assert [check_unix_time(0, "at"), check_unix_time(1.5, "at")] == [0, 1.5]


@pytest.mark.parametrize("value", [None, True, "1", float("nan"), float("inf"), 10**400, -1e300])
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(EventError, match="at: must be unix time in seconds"):
        check_unix_time(value, "at")
