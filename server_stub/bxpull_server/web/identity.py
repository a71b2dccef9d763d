"""Who a request's user is."""

from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

from bxpull_server.errors import QueryError
from bxpull_server.protocol.forms import FormValue, form_text

USER_FIELD = "bxpull_user"
GUEST_FIELD = "pull_guest_id"
_MAX_ID_DIGITS = 16


def user_of(request: Request, form: dict[str, FormValue], default: int) -> int:
    """The user a REST call is made for: negative for a guest, 0 for nobody.

    A ``pull_guest_id`` wins; then ``bxpull_user`` in the query, in the query of the page that asks (two tabs
    can be two users), in a cookie; then ``default``.

    Raises:
        QueryError: One of them is not a usable number.
    """
    guest = form_text(form, GUEST_FIELD)
    if guest is not None:
        guest_id = _whole(GUEST_FIELD, guest)
        if guest_id >= 0:
            raise QueryError(f"{GUEST_FIELD} must be negative: -{guest_id or 1} for example")
        return guest_id
    for value in (
        request.query_params.get(USER_FIELD),
        _from_page(request),
        request.cookies.get(USER_FIELD),
    ):
        if value is not None:
            user = _whole(USER_FIELD, value)
            if user < 0:
                raise QueryError(f"{USER_FIELD} must not be negative: guests are named by {GUEST_FIELD}")
            return user
    return default


def _from_page(request: Request) -> str | None:
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return None
    if page.netloc != request.headers.get("host"):
        return None
    return parse_qs(page.query).get(USER_FIELD, [None])[0]


def _whole(field: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_ID_DIGITS):
        raise QueryError(f"{field} must be a whole number")
    return int(text)
