"""The portal's REST methods that a pull client calls: ``/rest/<method>[.json]``."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.clock import unix_time
from bxpull_server.errors import QueryError, RefusedError
from bxpull_server.journal import RestRequest
from bxpull_server.protocol.dates import iso8601
from bxpull_server.protocol.forms import FormValue, form_list, form_text, parse_form
from bxpull_server.web.cors import ForbiddenOriginError, check_origin, cors_headers, preflight
from bxpull_server.web.identity import user_of
from bxpull_server.web.replies import BodyTooLargeError, json_reply, read_body
from bxpull_server.web.services import Services, services_of

CSRF_HEADER = "x-bitrix-csrf-token"


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


class Call:
    """One REST call, understood.

    Attributes:
        user: Who calls; negative for guests, 0 for nobody.
    """

    def __init__(self, services: Services, request: Request, form: dict[str, FormValue], user: int) -> None:
        self.services = services
        self.request = request
        self.form = form
        self.user = user

    def signed_in(self) -> int:
        """The user or guest.

        Raises:
            RestError: Nobody is signed in.
        """
        if self.user == 0:
            raise RestError(
                403, "AUTHORIZE_ERROR", "nobody is signed in: name a user by bxpull_user or a guest"
            )
        return self.user


async def _pull_config_get(call: Call) -> dict[str, Any]:
    user = call.signed_in()
    return await call.services.portal.config(user, call.services.authority_of(call.request))


async def _pull_watch_extend(call: Call) -> dict[str, bool]:
    return call.services.portal.watches.extend(call.signed_in(), form_list(call.form, "tags"))


async def _server_time(call: Call) -> str:
    return iso8601(unix_time(call.services.clock))


_METHODS: dict[str, Callable[[Call], Awaitable[object]]] = {
    "pull.config.get": _pull_config_get,
    "pull.watch.extend": _pull_watch_extend,
    "server.time": _server_time,
}
# A client that has no session yet may ask for the time, as on a portal.
_WITHOUT_SESSION = frozenset({"server.time"})


async def rest(request: Request) -> Response:
    """Answer one REST call."""
    services = services_of(request)
    if request.method == "OPTIONS":
        return preflight(request)
    started = unix_time(services.clock)
    user = 0
    body = ""
    try:
        check_origin(request)
        body = (await read_body(request, services.options.body_limit)).decode("utf-8", "replace")
        form = parse_form(request.url.query) | _parse_body(request, body)
        user = user_of(request, form, services.options.user)
        result = await _run(Call(services, request, form, user))
    except RestError as error:
        status = error.status
        content = {"error": error.error, "error_description": str(error), **error.fields}
    except ForbiddenOriginError as error:
        status = 403
        content = {"error": "ACCESS_DENIED", "error_description": str(error)}
    except RefusedError as error:
        status = 413 if isinstance(error, BodyTooLargeError) else 400
        content = {"error": "INVALID_REQUEST", "error_description": str(error)}
    else:
        status = 200
        content = {"result": result, "time": _timing(started, unix_time(services.clock))}
    services.journal.add(
        RestRequest(
            http_method=request.method,
            path=request.url.path,
            query=request.url.query,
            body=body,
            csrf=request.headers.get(CSRF_HEADER),
            user=user,
            status=status,
        )
    )
    return json_reply(content, status, cors_headers(request))


async def _run(call: Call) -> object:
    name: str = call.request.path_params["method"].removesuffix(".json").lower()
    method = _METHODS.get(name)
    if method is None:
        raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    if call.services.options.check_sessid and call.user > 0 and name not in _WITHOUT_SESSION:
        _check_session(call)
    return await method(call)


def _check_session(call: Call) -> None:
    right = call.services.portal.sessid
    given = form_text(call.form, "sessid") or call.request.headers.get(CSRF_HEADER) or ""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
        # Status 200, because clients look for this error in the body and take 401 and 403 for the end.
        raise RestError(200, "session_failed", "the sessid is wrong: call again with this one", sessid=right)


def _parse_body(request: Request, body: str) -> dict[str, FormValue]:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return parse_form(body)
    try:
        fields = json.loads(body or "{}")
    except (ValueError, RecursionError):
        raise QueryError("the body is not JSON, though its Content-Type says so") from None
    if not isinstance(fields, dict):
        raise QueryError("the body must be a JSON object")
    return {key.lower(): _as_form(value) for key, value in fields.items()}


def _as_form(value: object) -> FormValue:
    """A JSON value as the same value would come in a form."""
    if isinstance(value, dict):
        return {key: _as_form(item) for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): _as_form(item) for index, item in enumerate(value)}
    return value if isinstance(value, str) else json.dumps(value)


def _timing(start: float, finish: float) -> dict[str, Any]:
    duration = max(0.0, finish - start)
    return {
        "start": start,
        "finish": finish,
        "duration": duration,
        "processing": duration,
        "date_start": iso8601(start),
        "date_finish": iso8601(finish),
        "operating_reset_at": int(finish) + 600,
        "operating": 0,
    }
