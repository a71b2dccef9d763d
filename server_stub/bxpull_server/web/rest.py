"""The portal's REST methods that a pull client calls: ``/rest/<method>[.json]``."""

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.clock import unix_time
from bxpull_server.errors import EventError, RefusedError, StoppingError
from bxpull_server.journal import RestRequest
from bxpull_server.protocol.dates import iso8601
from bxpull_server.web.cors import ForbiddenOriginError, check_origin, cors_headers, preflight
from bxpull_server.web.identity import NOBODY, UnknownTokenError, caller_of
from bxpull_server.web.replies import (
    JSON,
    BodyFormatError,
    BodyTooLargeError,
    json_reply,
    media_type,
    read_body,
)
from bxpull_server.web.rest_application import APPLICATION_METHODS
from bxpull_server.web.rest_call import Access, Call, Method, RestError, check_access
from bxpull_server.web.rest_fields import Fields
from bxpull_server.web.rest_pull import PULL_METHODS
from bxpull_server.web.services import services_of

CSRF_HEADER = "x-bitrix-csrf-token"
_FORM = "application/x-www-form-urlencoded"


async def _server_time(call: Call) -> str:
    return iso8601(unix_time(call.services.clock))


_METHODS: dict[str, Method] = {
    **PULL_METHODS,
    **APPLICATION_METHODS,
    # A client that has no session yet may ask for the time, as on a portal.
    "server.time": Method(Access.ANYONE, _server_time),
}
_REFUSALS: dict[type[RefusedError], tuple[int, str]] = {
    BodyFormatError: (415, "INVALID_REQUEST"),
    BodyTooLargeError: (413, "INVALID_REQUEST"),
    ForbiddenOriginError: (403, "ACCESS_DENIED"),
    StoppingError: (503, "SERVER_ERROR"),
    UnknownTokenError: (401, "NO_AUTH_FOUND"),
}


async def rest(request: Request) -> Response:
    """Answer one REST call."""
    services = services_of(request)
    if request.method == "OPTIONS":
        return preflight(request)
    started = unix_time(services.clock)
    caller = NOBODY
    body = ""
    try:
        check_origin(request)
        body = (await read_body(request, services.options.body_limit)).decode("utf-8", "replace")
        fields = Fields(request.url.query, body, is_json=_is_json(request, body))
        caller = caller_of(services, request, fields.form)
        result = await _answer(Call(services, request, fields, caller))
    except (RefusedError, EventError) as error:
        status, content = _refusal(error)
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
            user=caller.user,
            status=status,
        )
    )
    return json_reply(content, status, cors_headers(request))


def _is_json(request: Request, body: str) -> bool:
    kind = media_type(request)
    if body and kind not in ("", JSON, _FORM):
        raise BodyFormatError(f"the body's Content-Type must be {_FORM} or {JSON}")
    return kind == JSON


def _refusal(error: RefusedError | EventError) -> tuple[int, dict[str, Any]]:
    if isinstance(error, RestError):
        return error.status, {"error": error.error, "error_description": str(error), **error.fields}
    if isinstance(error, EventError):
        return 400, {"error": f"{error.field.upper()}_ERROR", "error_description": str(error)}
    status, name = _REFUSALS.get(type(error), (400, "INVALID_REQUEST"))
    return status, {"error": name, "error_description": str(error)}


async def _answer(call: Call) -> object:
    name: str = call.request.path_params["method"].lower().removesuffix(".json")
    method = _METHODS.get(name)
    if method is None:
        raise RestError(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
    if method.access is not Access.ANYONE:
        _check_session(call)
        check_access(method.access, call.caller)
        if not call.services.options.module_configured:
            raise RestError(500, "SERVER_ERROR", "the push server is not configured on this portal")
    return await method.answer(call)


def _check_session(call: Call) -> None:
    """A signed-in user's page has to prove its session, if the options say so."""
    if not call.services.options.check_sessid or call.caller.user <= 0 or call.caller.application:
        return
    right = call.services.portal.sessid
    given = call.fields.text("sessid") or call.request.headers.get(CSRF_HEADER) or ""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
        # Status 200, because clients look for this error in the body and take 401 and 403 for the end.
        raise RestError(200, "session_failed", "the sessid is wrong: call again with this one", sessid=right)


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
