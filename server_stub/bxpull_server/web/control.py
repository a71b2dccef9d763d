"""``/control/``: drive the server from tests, scripts and the console, over HTTP and JSON.

Open to loopback peers and to those with the token; :mod:`bxpull_server.web.json_requests` says what keeps the
pages of other sites out.
"""

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bxpull_server.errors import PushServerError
from bxpull_server.web.control_actions import ACTIONS, Action
from bxpull_server.web.control_events import event_stream
from bxpull_server.web.control_faults import list_faults
from bxpull_server.web.control_state import state
from bxpull_server.web.host_names import is_loopback
from bxpull_server.web.json_requests import ForbiddenError, json_refusal, read_fields, refuse_foreign_pages
from bxpull_server.web.replies import json_reply
from bxpull_server.web.services import Services, services_of

_VIEWS: dict[str, Callable[[Services], object]] = {"state": state, "faults": list_faults}
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


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
        except ForbiddenError as error:
            return json_refusal(error)
        return json_reply(look(services_of(request)))

    return endpoint


async def _events(request: Request) -> Response:
    try:
        _authorize(request)
        if request.method == "HEAD":
            raise ForbiddenError(405, "events are read with a GET request")
        return event_stream(request)
    except PushServerError as error:
        return json_refusal(error)


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        services = services_of(request)
        try:
            _authorize(request)
            fields = await read_fields(request, services.options.body_limit, "body_limit")
            return json_reply(await action(services, fields))
        except PushServerError as error:
            return json_refusal(error)

    return endpoint


def _authorize(request: Request) -> None:
    refuse_foreign_pages(request, "the control API")
    headers = request.headers
    given = headers.get("authorization")
    token = services_of(request).options.control_token
    if given is not None:
        if token is None or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise ForbiddenError(401, "the control token is wrong: start the server with --control-token")
        return
    peer = request.client.host if request.client else ""
    proxied = any(name in headers for name in _PROXY_HEADERS)
    if proxied or not (is_loopback(peer) and is_loopback(headers.get("host", ""))):
        raise ForbiddenError(
            403, "the control API answers loopback addresses only, or with Authorization: Bearer <token>"
        )
