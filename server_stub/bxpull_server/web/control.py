"""``/control/``: drive the server from tests, scripts and the console, over HTTP and JSON.

Open to loopback peers and to those with the token. A page of another site cannot use it through a developer's
browser: a foreign ``Origin`` or ``Host`` is refused, and a body must be declared as JSON, which needs a
preflight nobody answers.
"""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bxpull_server.errors import PushServerError, QueryError
from bxpull_server.web.control_actions import ACTIONS, Action
from bxpull_server.web.control_events import event_stream
from bxpull_server.web.control_faults import list_faults
from bxpull_server.web.control_fields import Fields
from bxpull_server.web.control_state import state
from bxpull_server.web.refusals import refusal_status
from bxpull_server.web.replies import (
    JSON,
    BodyFormatError,
    json_reply,
    media_type,
    read_body,
)
from bxpull_server.web.services import Services, is_loopback, services_of

_VIEWS: dict[str, Callable[[Services], object]] = {"state": state, "faults": list_faults}
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


class _ForbiddenError(PushServerError):
    code = "forbidden"

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def control_routes() -> list[BaseRoute]:
    """The routes under ``/control``."""
    routes: list[BaseRoute] = [Route(f"/{name}", _view(look)) for name, look in _VIEWS.items()]
    routes.append(Route("/events", _events))
    routes += [Route(f"/{name}", _endpoint(action), methods=["POST"]) for name, action in ACTIONS.items()]
    return routes


def _view(look: Callable[[Services], object]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            _authorize(request)
        except _ForbiddenError as error:
            return _refusal(error, error.status)
        return json_reply(look(services_of(request)))

    return endpoint


async def _events(request: Request) -> Response:
    try:
        _authorize(request)
        if request.method == "HEAD":
            raise _ForbiddenError(405, "events are read with a GET request")
        return event_stream(request)
    except _ForbiddenError as error:
        return _refusal(error, error.status)
    except PushServerError as error:
        return _refusal(error, refusal_status(error))


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        services = services_of(request)
        try:
            _authorize(request)
            fields = await _read_fields(request, services.options.body_limit)
            return json_reply(await action(services, fields))
        except _ForbiddenError as error:
            return _refusal(error, error.status)
        except PushServerError as error:
            return _refusal(error, refusal_status(error))

    return endpoint


def _refusal(error: PushServerError, status: int) -> Response:
    return json_reply({"error": error.code, "error_description": str(error)}, status)


def _authorize(request: Request) -> None:
    headers = request.headers
    origin = headers.get("origin")
    host = headers.get("host", "")
    foreign = origin is not None and origin.partition("://")[2] != host
    if foreign or headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise _ForbiddenError(403, "the control API is not for pages of other origins")
    given = headers.get("authorization")
    token = services_of(request).options.control_token
    if given is not None:
        if token is None or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise _ForbiddenError(401, "the control token is wrong: start the server with --control-token")
        return
    peer = request.client.host if request.client else ""
    proxied = any(name in headers for name in _PROXY_HEADERS)
    if proxied or not (is_loopback(peer) and is_loopback(host)):
        raise _ForbiddenError(
            403, "the control API answers loopback addresses only, or with Authorization: Bearer <token>"
        )


async def _read_fields(request: Request, limit: int) -> Fields:
    if media_type(request) != JSON:
        raise BodyFormatError(f"send the body as JSON, with Content-Type: {JSON}")
    body = await read_body(request, limit)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise QueryError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise QueryError("the body must be a JSON object")
    return Fields(fields)
