"""User ids as they come from outside."""

from bxpull_server.errors import EventError


def check_user(user: object, field: str = "user") -> int:
    """``user`` if it is a user id (or, negative, a guest's).

    Raises:
        EventError: It is not a whole number, or 0.
    """
    if isinstance(user, bool) or not isinstance(user, int) or user == 0:
        raise EventError(field, f"must be a user id, or a negative guest id, not {user!r}")
    return user
