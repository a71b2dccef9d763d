"""Who makes a REST call."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from bxpull_server.applications import Application
from bxpull_server.errors import QueryError, RefusedError
from bxpull_server.protocol.forms import FormValue, form_text
from bxpull_server.web.services import Services

USER_FIELD = "bxpull_user"
GUEST_FIELD = "pull_guest_id"
AUTH_FIELD = "auth"
_MAX_ID_DIGITS = 16


class UnknownTokenError(RefusedError):
    """The call comes with a token that no application has."""

    code = "unknown_token"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call.

    Attributes:
        user: User id; negative for a guest, 0 for nobody.
        application: The application that calls for this user, or None: the page itself.
    """

    user: int
    application: Application | None = None


NOBODY = Caller(0)


def caller_of(services: Services, request: Request, form: dict[str, FormValue]) -> Caller:
    """Who makes this call.

    The application whose token ``auth`` is wins, then the guest ``pull_guest_id``; then the user of
    ``bxpull_user`` in the query, in the query of the page that asks (two tabs can be two users), in a cookie;
    then the option ``user``.

    Raises:
        UnknownTokenError: No application has this token.
        QueryError: One of the others is not a usable number.
    """
    token = form_text(form, AUTH_FIELD)
    if token:
        application = services.portal.applications.find(token)
        if application is None:
            raise UnknownTokenError("no application has this token: register it with the server first")
        return Caller(application.user, application)
    guest = form_text(form, GUEST_FIELD)
    if guest is not None:
        guest_id = whole_number(GUEST_FIELD, guest)
        if guest_id >= 0:
            raise QueryError(f"{GUEST_FIELD} must be negative: -{guest_id or 1} for example")
        return Caller(guest_id)
    for value in (
        request.query_params.get(USER_FIELD),
        _from_page(request),
        request.cookies.get(USER_FIELD),
    ):
        if value is not None:
            user = whole_number(USER_FIELD, value)
            if user < 0:
                raise QueryError(f"{USER_FIELD} must not be negative: guests are named by {GUEST_FIELD}")
            return Caller(user)
    return Caller(services.options.user)


def whole_number(field: str, text: str) -> int:
    """A number of a form.

    Raises:
        QueryError: It is none, or has more than 16 digits.
    """
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_ID_DIGITS):
        raise QueryError(f"{field} must be a whole number")
    return int(text)


def _from_page(request: Request) -> str | None:
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    if page.netloc != request.headers.get("host"):
        return None
    return parse_qs(page.query).get(USER_FIELD, [None])[0]
