"""OAuth applications of the portal: whose token a REST call comes with, and what it may do."""

import re
from dataclasses import dataclass, field

from bxpull_server.errors import EventError
from bxpull_server.handed_out import hand_out
from bxpull_server.quoting import quoted
from bxpull_server.secret_lookup import look_up
from bxpull_server.users import MAX_USER

# These are channel types of the portal itself, and a client id is one, too.
_TAKEN = ("private", "shared")
_CLIENT_ID = re.compile(r"[0-9A-Za-z._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Application:
    """An application at work for a user.

    Attributes:
        client_id: Names the application; the type of its channels.
        token: What it calls REST methods with, as ``auth``.
        user: For whom.
        admin: Whether that user is an administrator: may send events to others.
    """

    client_id: str
    token: str = field(repr=False)
    user: int
    admin: bool = False


class Applications:
    """The applications by token; one application may have several, for several users."""

    def __init__(self) -> None:
        self._by_token: dict[str, Application] = {}

    @property
    def all(self) -> tuple[Application, ...]:
        """All of them, the first added first."""
        return tuple(self._by_token.values())

    def add(self, client_id: str, token: str, *, user: int, admin: bool = False) -> Application:
        """Register an application for a user; another one with this token is replaced.

        Raises:
            EventError: Names the part that is wrong.
        """
        application = Application(_client_id(client_id), _token(token), _user(user), _flag(admin))
        self._by_token[token] = application
        hand_out("application token", token)
        return application

    def check_known(self, client_id: str) -> None:
        """Refuse the client id of no application.

        Raises:
            EventError: Nobody has registered it.
        """
        known = dict.fromkeys(application.client_id for application in self.all)
        if client_id not in known:
            raise EventError(
                "application", f"there is no {quoted(client_id)}; known are {', '.join(known) or 'none'}"
            )

    def find(self, token: str) -> Application | None:
        """The application with this token."""
        return look_up(token, self._by_token)


def _client_id(value: object) -> str:
    if not isinstance(value, str) or not _CLIENT_ID.fullmatch(value) or value in _TAKEN:
        raise EventError(
            "client_id", "must be 1 to 100 letters, digits and the signs . _ - (not private or shared)"
        )
    return value


def _token(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise EventError("token", "must be a text that is not empty")
    return value


def _user(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_USER:
        raise EventError("user", f"must be a user id, not {value!r:.40}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise EventError("admin", f"must be true or false, not {value!r}")
    return value
