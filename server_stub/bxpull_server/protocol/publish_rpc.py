"""What publishers, browsers and back ends, ask for in the params of JSON-RPC methods."""

import re
from collections.abc import Mapping
from typing import Any

from bxpull_server.errors import EventError, EventTooLargeError, JsonRpcError, PublishRefusedError, QueryError
from bxpull_server.protocol.events import check_event, check_expiry, dump_json
from bxpull_server.protocol.jsonrpc import Calls, ErrorCode, Request
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, Sender
from bxpull_server.protocol.publications import (
    DEFAULT_LIMITS,
    Publication,
    PublishLimits,
    check_has_receivers,
)
from bxpull_server.protocol.receivers import Receivers

PUBLISH = "publish"
MAX_USERS = 1000
_MAX_ID_DIGITS = 16
_SIGNATURE = re.compile(r"[:.].*", re.DOTALL)
_MAX_UNIX_TIME = 2**53

Params = Mapping[str, Any]


def check_limits(calls: Calls, limits: PublishLimits = DEFAULT_LIMITS) -> None:
    """Refuse a text that asks for too much at once.

    Raises:
        PublishRefusedError: 4016 or 4018.
    """
    limits.check_message_count(calls.count)
    publishes = [call for call in calls.items if isinstance(call, Request) and call.method == PUBLISH]
    named = {receiver for call in publishes for receiver in _named(call.params)}
    limits.check_receiver_count(len(named))


def _named(params: Params) -> list[tuple[str, str]]:
    """Whom a call names, each in one spelling: a channel without its signature, a user id as text."""
    lists = [
        (name, value) for name in ("userList", "channelList") if isinstance(value := params.get(name), list)
    ]
    receivers = [(name, item) for name, value in lists for item in value if isinstance(item, str | int)]
    return [(name, _SIGNATURE.sub("", str(item))) for name, item in receivers]


def read_publish(
    params: Params, receivers: Receivers, sender: Sender, limits: PublishLimits = DEFAULT_LIMITS
) -> Publication:
    """The event a ``publish`` asks for.

    Raises:
        JsonRpcError: Params that are missing or malformed, or a channel that is refused.
    """
    try:
        publication = Publication(
            body=_body(params.get("body")),
            channels=_channels(params.get("channelList"), receivers),
            users=() if (users := params.get("userList")) is None else read_users(users, "userList"),
            expiry=_expiry(params.get("expiry")),
            sender=sender,
        )
        limits.check_size(publication.body)
        check_has_receivers((*publication.channels, *publication.users))
    except (PublishRefusedError, EventTooLargeError) as error:
        raise _invalid(str(error)) from None
    return publication


def read_backend_publish(
    params: Params, receivers: Receivers, limits: PublishLimits = DEFAULT_LIMITS
) -> Publication:
    """The event a back end's ``publish`` asks for, with what is added to its params.

    Raises:
        JsonRpcError: As :func:`read_publish`, or additions that are malformed or for somebody not addressed.
    """
    plain = read_publish(params, receivers, Sender.BACKEND, limits)
    user_params = {
        _user(user, "user_params"): _object(additions, f"user_params of user {user}")
        for user, additions in _object(params.get("user_params"), "user_params").items()
    }
    strangers = sorted(set(user_params) - set(plain.users))
    if strangers:
        raise _invalid(f"user_params names user {strangers[0]}, who is not in userList")
    return Publication(
        plain.body,
        plain.channels,
        plain.users,
        plain.expiry,
        plain.sender,
        dictionary=_object(params.get("dictionary"), "dictionary"),
        user_params=user_params,
    )


def read_users(value: object, name: str) -> tuple[int, ...]:
    """A list of user ids: whole numbers, as numbers or as digits, negative for guests.

    Raises:
        JsonRpcError: It is something else, or holds more than 1,000.
    """
    if not isinstance(value, list):
        raise _invalid(f"{name} must be a list of user ids")
    if len(value) > MAX_USERS:
        raise _invalid(f"{name} holds {len(value)} users: at most {MAX_USERS} are allowed")
    return tuple(dict.fromkeys(_user(user, name) for user in value))


def read_user(params: Params, name: str) -> int:
    """A user id.

    Raises:
        JsonRpcError: Missing or something else.
    """
    return _user(params.get(name), name)


def read_last_seen(params: Params) -> dict[int, int]:
    """User ids with the unix times in seconds at which they were seen.

    Raises:
        JsonRpcError: Something else, or more than 1,000.
    """
    if len(params) > MAX_USERS:
        raise _invalid(f"there are {len(params)} users: at most {MAX_USERS} are allowed")
    seen: dict[int, int] = {}
    for user, moment in params.items():
        if isinstance(moment, bool) or not isinstance(moment, int) or not 0 <= moment <= _MAX_UNIX_TIME:
            raise _invalid(f"the time of user {user!r:.40} must be unix time in whole seconds")
        seen[_user(user, "a key")] = moment
    return seen


def _invalid(problem: str) -> JsonRpcError:
    return JsonRpcError(ErrorCode.INVALID_PARAMS, problem)


def _body(body: object) -> str:
    try:
        check_event(body)
        return dump_json(body)
    except QueryError as error:
        raise _invalid(str(error)) from None
    except RecursionError:
        raise _invalid("the body is nested too deeply") from None


def _channels(value: object, receivers: Receivers) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _invalid("channelList must be a list of channel ids")
    return tuple(dict.fromkeys(map(receivers.channel_of_text, value)))


def _expiry(value: object) -> int:
    if value is None:
        return DEFAULT_EXPIRY_S
    try:
        return check_expiry(value)
    except EventError as error:
        raise _invalid(str(error)) from None


def _user(value: object, name: str) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_ID_DIGITS and int(text)):
        raise _invalid(f"{name} must name users by their ids, guests by negative ones")
    return int(text)


def _object(value: object, name: str) -> Mapping[str, Any]:
    if value is None or value == []:  # an empty PHP array
        return {}
    if not isinstance(value, dict):
        raise _invalid(f"{name} must be an object")
    return value
