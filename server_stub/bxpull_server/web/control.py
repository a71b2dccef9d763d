"""``/control/``: drive the server from tests, scripts and the console, over HTTP and JSON.

Open to loopback peers and to those with the token. A page of another site cannot use it through a developer's
browser: a foreign ``Origin`` or ``Host`` is refused, and a body must be declared as JSON, which needs a
preflight nobody answers.
"""

import hmac
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bxpull_server.channel_book import Holder
from bxpull_server.connection import close_order
from bxpull_server.errors import EventError, PushServerError, QueryError
from bxpull_server.hub import Published
from bxpull_server.portal import Portal
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.users import check_user
from bxpull_server.web.replies import BodyTooLargeError, json_reply, read_body
from bxpull_server.web.services import Services, is_loopback, services_of

Fields = dict[str, Any]
Action = Callable[[Services, Fields], Awaitable[object]]

_TARGETS = ("user", "users", "channel", "shared", "tag")
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")


class _ForbiddenError(PushServerError):
    code = "forbidden"

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def control_routes() -> list[BaseRoute]:
    """The routes under ``/control``."""
    actions: dict[str, Action] = {
        "send": _send,
        "disconnect": _disconnect,
        "expire-config": _expire_config,
        "expire-channel": _expire_channel,
        "watch": _watch,
    }
    routes: list[BaseRoute] = [Route("/state", _state)]
    routes += [Route(f"/{name}", _endpoint(action), methods=["POST"]) for name, action in actions.items()]
    return routes


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        services = services_of(request)
        try:
            _authorize(request)
            fields = await _read_fields(request, services.options.body_limit)
            return json_reply(await action(services, fields))
        except _ForbiddenError as error:
            return _refusal(error, error.status)
        except BodyTooLargeError as error:
            return _refusal(error, 413)
        except PushServerError as error:
            return _refusal(error, 400)

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
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _ForbiddenError(415, "send the body as JSON, with Content-Type: application/json")
    body = await read_body(request, limit)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise QueryError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise QueryError("the body must be a JSON object")
    return fields


def _only(fields: Fields, *known: str) -> None:
    for name in fields:
        if name not in known:
            raise EventError(name[:32], f"there is no such field; known are {', '.join(known)}")


async def _send(services: Services, fields: Fields) -> object:
    _only(fields, *_TARGETS, "module", "command", "params", "extra", "expiry")
    event = {
        "module_id": fields.get("module"),
        "command": fields.get("command"),
        "params": fields.get("params"),
        "extra": fields.get("extra"),
        "expiry": fields.get("expiry", DEFAULT_EXPIRY_S),
    }
    done = await _send_to_target(services.portal, fields, event)
    return {"mid": done.mid, "delivered": done.delivered}


async def _send_to_target(portal: Portal, fields: Fields, event: Mapping[str, Any]) -> Published:
    targets = [name for name in _TARGETS if name in fields]
    match targets:
        case ["user"]:
            return await portal.send([check_user(fields["user"])], **event)
        case ["users"]:
            users = fields["users"]
            if not isinstance(users, list):
                raise EventError("users", "must be a list of user ids")
            return await portal.send([check_user(user, "users") for user in users], **event)
        case ["tag"]:
            return await portal.send_to_tag(_text(fields, "tag"), **event)
        case ["channel"]:
            return await portal.send_to_channel(_text(fields, "channel"), **event)
        case ["shared"]:
            if fields["shared"] is not True:
                raise EventError("shared", "must be true, or left out")
            return await portal.send_shared(**event)
        case _:
            raise EventError(
                "user", f"give exactly one of {', '.join(_TARGETS)}; got {', '.join(targets) or 'none'}"
            )


async def _disconnect(services: Services, fields: Fields) -> object:
    _only(fields, "user", "code", "reason")
    order = close_order(fields.get("code", CloseCode.GOING_AWAY), fields.get("reason", ""))
    return {"disconnected": services.hub.close_user(check_user(fields.get("user")), order)}


async def _expire_config(services: Services, fields: Fields) -> object:
    _only(fields, "user")
    user = check_user(fields["user"]) if "user" in fields else 0
    done = await services.portal.channels.expire_config(user)
    return {"mid": done.mid, "delivered": done.delivered}


async def _expire_channel(services: Services, fields: Fields) -> object:
    _only(fields, "user", "new_channel")
    new_channel = fields.get("new_channel", False)
    if not isinstance(new_channel, bool):
        raise EventError("new_channel", "must be true or false")
    done = await services.portal.channels.replace(
        Holder(check_user(fields.get("user"))), new_channel=new_channel
    )
    return {"mid": done.mid, "delivered": done.delivered}


async def _watch(services: Services, fields: Fields) -> object:
    _only(fields, "user", "tag")
    services.portal.watches.add(check_user(fields.get("user")), _text(fields, "tag"))
    return {"watching": True}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise EventError(name, "must be a text that is not empty")
    return value


async def _state(request: Request) -> Response:
    services = services_of(request)
    try:
        _authorize(request)
    except _ForbiddenError as error:
        return _refusal(error, error.status)
    hub = services.hub
    tabs = Counter(connection.user for connection in hub.connections)
    users = sorted({*services.portal.users, *(user for user in tabs if user)})
    return json_reply(
        {
            "server_version": services.portal.version,
            "users": [{"user": user, "connections": tabs[user]} for user in users],
            "connections": [
                {
                    "number": connection.number,
                    "user": connection.user,
                    "format": connection.codec.name,
                    "channels": len(connection.channels),
                    "opened_at": connection.opened_at,
                    "sent": connection.sent,
                    "queued": connection.queued,
                }
                for connection in hub.connections
            ],
            "channels": hub.channel_count,
            "published": hub.published,
            "delivered": hub.delivered,
        }
    )
