"""OAuth applications of the portal: whose token a REST call comes with, and what it may do."""

import re
from dataclasses import dataclass, field

from bxpull_server.errors import EventError

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
        if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id) or client_id in _TAKEN:
            raise EventError(
                "client_id", "must be 1 to 100 letters, digits and the signs . _ - (not private or shared)"
            )
        if not isinstance(token, str) or not token:
            raise EventError("token", "must be a text that is not empty")
        if isinstance(user, bool) or not isinstance(user, int) or user < 1:
            raise EventError("user", f"must be a user id, not {user!r}")
        if not isinstance(admin, bool):
            raise EventError("admin", f"must be true or false, not {admin!r}")
        application = Application(client_id, token, user, admin)
        self._by_token[token] = application
        return application

    def find(self, token: str) -> Application | None:
        """The application with this token."""
        return self._by_token.get(token)

    def client_ids(self) -> tuple[str, ...]:
        """The client id of each application, once."""
        return tuple(dict.fromkeys(application.client_id for application in self.all))
