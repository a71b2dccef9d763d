"""What is said about users from outside."""

import math

from bxpull_server.errors import EventError


def check_user(user: object, field: str = "user") -> int:
    """``user`` if it is a user id (or, negative, a guest's).

    Raises:
        EventError: It is not a whole number, or 0.
    """
    if isinstance(user, bool) or not isinstance(user, int) or user == 0:
        raise EventError(field, f"must be a user id, or a negative guest id, not {user!r}")
    return user


def check_unix_time(value: object, field: str) -> float:
    """``value`` if it is a moment, in unix seconds.

    Raises:
        EventError: It is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise EventError(field, f"must be unix time in seconds, not {value!r}")
    return value
