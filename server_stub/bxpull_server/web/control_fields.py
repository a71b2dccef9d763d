"""The fields of a control request, each checked when it is read."""

from typing import Any

from bxpull_server.errors import EventError
from bxpull_server.users import check_user


class Fields:
    """A JSON object.

    Args:
        values: Its fields.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def only(self, *known: str) -> None:
        """Refuse all other fields.

        Raises:
            EventError: Names the first one.
        """
        for name in self._values:
            if name not in known:
                raise EventError(name[:32], f"there is no such field; known are {', '.join(known) or 'none'}")

    def given(self, *names: str) -> dict[str, Any]:
        """Those of these fields that are there, as they are."""
        return {name: self._values[name] for name in names if name in self}

    def value(self, name: str, default: object = None) -> Any:
        """A field as it is."""
        return self._values.get(name, default)

    def user(self) -> int:
        """The user or guest ``user``.

        Raises:
            EventError: Missing, or none.
        """
        return check_user(self.value("user"))

    def user_or_all(self) -> int:
        """The user or guest ``user``; 0: there is no such field, everybody is meant.

        Raises:
            EventError: It is no user.
        """
        return self.user() if "user" in self else 0

    def users(self, name: str = "users") -> list[int]:
        """A list of users and guests.

        Raises:
            EventError: It is none.
        """
        users = self.value(name)
        if not isinstance(users, list):
            raise EventError(name, "must be a list of user ids")
        return [check_user(user, name) for user in users]

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty, or the default.

        Raises:
            EventError: Missing, without a default; or no such text.
        """
        value = self.value(name, default)
        if not isinstance(value, str) or not (value or value == default):
            raise EventError(name, "must be a text that is not empty")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false; the default if it is missing.

        Raises:
            EventError: It is something else.
        """
        value = self.value(name, default)
        if not isinstance(value, bool):
            raise EventError(name, "must be true or false")
        return value
