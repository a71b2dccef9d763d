"""What can be done under ``/control/``: each action takes a request's fields and returns the answer."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from typing import Any

from bxpull_server.connection import close_order, raw_message
from bxpull_server.errors import EventError
from bxpull_server.hub import Published
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.users import check_unix_time
from bxpull_server.web.control_faults import add_fault, clear_faults, evict_history, restart, revision
from bxpull_server.web.control_fields import Fields
from bxpull_server.web.services import Services

Action = Callable[[Services, Fields], Awaitable[object]]

_TARGETS = ("user", "users", "channel", "shared", "tag")
_ADDITIONS = ("user_params", "dictionary")
_USER = re.compile(r"-?[0-9]{1,16}", re.ASCII)


async def _send(services: Services, fields: Fields) -> object:
    fields.only(*_TARGETS, *_ADDITIONS, "module", "command", "params", "extra", "expiry")
    event = {
        "module_id": fields.value("module"),
        "command": fields.value("command"),
        "params": fields.value("params"),
        "extra": fields.value("extra"),
        "expiry": fields.value("expiry", DEFAULT_EXPIRY_S),
    }
    return _told(await _send_to_target(services, fields, event))


async def _send_to_target(services: Services, fields: Fields, event: dict[str, Any]) -> Published:
    portal = services.portal
    targets = [name for name in _TARGETS if name in fields]
    for name in _ADDITIONS:
        if name in fields and targets != ["users"]:
            raise EventError(name, "goes with users only")
    match targets:
        case ["user"]:
            return await portal.send([fields.user()], **event)
        case ["users"]:
            return await portal.send(
                fields.users(),
                user_params=_user_params(fields.value("user_params")),
                dictionary=fields.value("dictionary"),
                **event,
            )
        case ["tag"]:
            return await portal.send_to_tag(fields.text("tag"), **event)
        case ["channel"]:
            return await portal.send_to_channel(fields.text("channel"), **event)
        case ["shared"]:
            if fields.value("shared") is not True:
                raise EventError("shared", "must be true, or left out")
            return await portal.send_shared(**event)
        case _:
            raise EventError(
                "user", f"give exactly one of {', '.join(_TARGETS)}; got {', '.join(targets) or 'none'}"
            )


def _user_params(value: object) -> dict[int, Any] | None:
    """JSON has texts for keys where a user id is meant."""
    if value is None:
        return None
    if not isinstance(value, dict) or not all(map(_USER.fullmatch, value)):
        raise EventError("user_params", "must map a user id to further params")
    return {int(user): params for user, params in value.items()}


async def _send_raw(services: Services, fields: Fields) -> object:
    fields.only("user", "text", "base64")
    if ("text" in fields) is ("base64" in fields):
        raise EventError("text", "give either text or base64")
    given = fields.text("text") if "text" in fields else _bytes(fields.text("base64"))
    message = raw_message(given, "text")
    return {"queued": sum(c.push_raw(message) for c in services.hub.of_user(fields.user()))}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EventError("base64", "must be base64") from None


async def _disconnect(services: Services, fields: Fields) -> object:
    fields.only("user", "code", "reason")
    order = close_order(fields.value("code", CloseCode.GOING_AWAY), fields.value("reason", ""))
    return {"disconnected": services.hub.close_user(fields.user(), order)}


async def _expire_config(services: Services, fields: Fields) -> object:
    fields.only("user")
    return _told(await services.portal.channels.expire_config(fields.user_or_all()))


async def _expire_channel(services: Services, fields: Fields) -> object:
    fields.only("user", "application", "new_channel")
    holder = services.portal.holder(fields.user_or_all(), fields.text("application", ""))
    return _told(await services.portal.channels.replace(holder, new_channel=fields.flag("new_channel")))


async def _server_restart(services: Services, fields: Fields) -> object:
    fields.only()
    return _told(await services.portal.channels.server_restart())


async def _watch(services: Services, fields: Fields) -> object:
    fields.only("user", "tag")
    services.portal.watches.add(fields.user(), fields.text("tag"))
    return {"watching": True}


async def _user(services: Services, fields: Fields) -> object:
    fields.only("user", "server_version", "mode")
    user = fields.user()
    profile = services.portal.profiles.change(
        user, version=fields.value("server_version"), mode=fields.value("mode")
    )
    return {"user": user, "server_version": profile.version, "mode": profile.mode}


async def _application(services: Services, fields: Fields) -> object:
    fields.only("client_id", "token", "user", "admin")
    application = services.portal.add_application(
        fields.value("client_id"),
        fields.value("token"),
        user=fields.value("user"),
        admin=fields.value("admin", False),
    )
    return {"client_id": application.client_id, "user": application.user, "admin": application.admin}


async def _last_seen(services: Services, fields: Fields) -> object:
    fields.only("user", "at", "users")
    presence = services.hub.presence
    if "users" in fields:
        return presence.last_seen(fields.users())
    user = fields.user()
    presence.set_last_seen(user, check_unix_time(fields.value("at"), "at"))
    return presence.last_seen([user])


def _told(done: Published) -> dict[str, Any]:
    return {"mid": done.mid, "delivered": done.delivered}


ACTIONS: dict[str, Action] = {
    "send": _send,
    "send-raw": _send_raw,
    "disconnect": _disconnect,
    "expire-config": _expire_config,
    "expire-channel": _expire_channel,
    "server-restart": _server_restart,
    "watch": _watch,
    "user": _user,
    "application": _application,
    "last-seen": _last_seen,
    "fault": add_fault,
    "clear-faults": clear_faults,
    "restart": restart,
    "evict-history": evict_history,
    "revision": revision,
}
