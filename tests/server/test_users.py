"""bxpull_server.users."""

import pytest

from bxpull_server.errors import EventError
from bxpull_server.users import check_user


def test_users_and_guests_have_numbers() -> None:
    assert [check_user(1), check_user(-1)] == [1, -1]


@pytest.mark.parametrize("user", [0, True, "1", None, 1.0])
def test_a_user_is_a_whole_number_other_than_zero(user: object) -> None:
    with pytest.raises(EventError, match="watcher: must be a user id"):
        check_user(user, "watcher")
