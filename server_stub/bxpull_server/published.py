"""A published event as people and programs look at it: whom it was for, and what it says."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bxpull_server.event_feed import PublishedEvent
from bxpull_server.event_writer import SYSTEM_MODULE
from bxpull_server.portal import Portal
from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.merging import merged_body
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.status_feed import watched_user

# Channels that are no portal's: of users' comings and goings, and those that another portal gave out.
STATUS = "status"
UNKNOWN = "unknown"
_SECRET = re.compile(r"[0-9a-f]{32,}(?:[:.][0-9a-f]{32,})*", re.ASCII)
_SENDERS = {Sender.CLIENT: "page", Sender.BACKEND: "backend"}


def described(event: PublishedEvent, portal: Portal) -> dict[str, Any]:
    """The event as those see it who look on: decoded, and without a secret.

    Raises:
        RecursionError: It is nested too deeply.
    """
    message = event.messages[0]
    body = json.loads(merged_body(replace(message, user_params=None)))
    module = body.get("module_id")
    if str(module).lower() == SYSTEM_MODULE:
        body = json.loads(_SECRET.sub(lambda match: fingerprint(match[0]), dump_json(body)))
    targets: list[dict[str, Any]] = []
    for told in event.messages:
        target = _target(told, portal)
        if target not in targets:  # a channel and the one that replaced it
            targets.append(target)
    return {
        "time": datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds"),
        "mid": message.mid,
        "sender": _SENDERS.get(message.sender, "unknown"),
        "targets": targets,
        "module": module,
        "command": body.get("command"),
        "params": body.get("params"),
        "extra": body.get("extra"),
        "expiry": message.expiry,
        "delivered": event.delivered,
    }


def _target(message: Message, portal: Portal) -> dict[str, Any]:
    """Whose channel it is and of which kind, never its id; with what only they get."""
    target: dict[str, Any]
    status = watched_user(message.channel)
    owner = portal.owner_of(message.channel)
    if status is not None:
        target = {"channel": STATUS, "of": status}
    elif owner is None:
        target = {"channel": UNKNOWN, "fingerprint": fingerprint(message.channel)}
    else:
        holder, public = owner
        target = {"channel": "public" if public else "private" if holder.user else "shared"}
        if holder.user:
            target["user"] = holder.user
        if holder.application:
            target["application"] = holder.application
    if message.user_params is not None:
        target["params"] = json.loads(message.user_params)
    return target
