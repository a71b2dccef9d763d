"""What is said about users from outside."""

from bxpull_server.errors import EventError

# As many digits as a page, a token and a back end may name a user by.
MAX_USER = 10**16 - 1
_MAX_UNIX_TIME = 2**53


def check_user(user: object, field: str = "user") -> int:
    """``user`` if it is a user id (or, negative, a guest's).

    Raises:
        EventError: It is not a whole number, 0, or has more than 16 digits.
    """
    if isinstance(user, bool) or not isinstance(user, int) or not 0 < abs(user) <= MAX_USER:
        raise EventError(field, f"must be a user id, or a negative guest id, not {user!r:.40}")
    return user


def check_unix_time(value: object, field: str) -> float:
    """``value`` if it is a moment, in unix seconds.

    Raises:
        EventError: It is no number, or none that a time could be: more than 2**53, or infinite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MAX_UNIX_TIME:
        raise EventError(field, f"must be unix time in seconds, not {value!r:.40}")
    return value
