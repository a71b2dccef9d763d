"""What a REST method is: who may call it, what it gets, how it refuses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from starlette.requests import Request

from bxpull_server.applications import Application
from bxpull_server.errors import RefusedError
from bxpull_server.web.identity import Caller
from bxpull_server.web.rest_fields import Fields
from bxpull_server.web.services import Services


class RestError(RefusedError):
    """A method's refusal, answered as ``{"error": …, "error_description": …}``.

    Attributes:
        status: HTTP status.
        error: Error name as a portal gives it.
        fields: Further fields of the answer.
    """

    code = "rest_error"

    def __init__(self, status: int, error: str, description: str, **fields: object) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.fields = fields


class Access(Enum):
    """Who may call a method."""

    ANYONE = auto()
    VISITOR = auto()  # a user or guest, also by an application
    USER = auto()  # a signed-in user, also by an application
    PAGE = auto()  # a user or guest, not by an application
    APPLICATION = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """One REST call, understood.

    Attributes:
        services: The server's parts.
        request: The HTTP request.
        fields: What came with it.
        caller: Who calls.
    """

    services: Services
    request: Request
    fields: Fields
    caller: Caller

    @property
    def authority(self) -> str:
        """Host and port under which the caller reached this server."""
        return self.services.authority_of(self.request.headers)

    @property
    def application(self) -> Application:
        """The application that calls; methods with access ``APPLICATION`` have one."""
        application = self.caller.application
        assert application is not None  # noqa: S101 - see check_access
        return application


@dataclass(frozen=True, slots=True)
class Method:
    """A REST method.

    Attributes:
        access: Who may call it.
        answer: Makes the ``result``.
    """

    access: Access
    answer: Callable[[Call], Awaitable[object]]


def check_access(access: Access, caller: Caller) -> None:
    """Refuse callers that may not call a method that is not for anyone.

    Raises:
        RestError: Nobody is signed in, or not as it is needed.
    """
    if caller.user == 0:
        raise RestError(403, "AUTHORIZE_ERROR", "nobody is signed in: name a user by bxpull_user or a guest")
    if access is Access.USER and caller.user < 0:
        raise RestError(403, "AUTHORIZE_ERROR", "this method is for signed-in users, not for guests")
    if access is Access.PAGE and caller.application is not None:
        raise RestError(
            403, "WRONG_AUTH_TYPE", "this method is not for applications: call pull.application.config.get"
        )
    if access is Access.APPLICATION and caller.application is None:
        raise RestError(403, "WRONG_AUTH_TYPE", "this method is for applications: send their token as auth")
