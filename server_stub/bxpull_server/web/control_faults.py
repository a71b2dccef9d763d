"""Faults and disruptions under ``/control/``."""

import asyncio
from dataclasses import asdict
from typing import Any

from bxpull_server.connection import close_order
from bxpull_server.errors import EventError
from bxpull_server.faults.fault import Fault, FaultOptions
from bxpull_server.faults.plan import FaultInfo
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.web.control_fields import Fields
from bxpull_server.web.services import Services

_OPTIONS = tuple(FaultOptions.__annotations__)
_restarts: set[asyncio.Task[None]] = set()


async def add_fault(services: Services, fields: Fields) -> object:
    """Let a fault strike from now on."""
    fields.only("kind", *_OPTIONS)
    fault = Fault(fields.value("kind"), **fields.given(*_OPTIONS))
    return {"fault": services.faults.add(fault)}


async def clear_faults(services: Services, fields: Fields) -> object:
    """Forget one fault, or all."""
    fields.only("fault")
    number = fields.value("fault")
    if "fault" in fields and (isinstance(number, bool) or not isinstance(number, int)):
        raise EventError("fault", "must be the number of a fault; leave it out to clear all")
    return {"cleared": services.faults.clear(number)}


def list_faults(services: Services) -> list[dict[str, Any]]:
    """All faults: what was given, and how often they struck."""
    return [_listed(entry) for entry in services.faults.entries]


async def restart(services: Services, fields: Fields) -> object:
    """Restart the server, once this is answered."""
    fields.only("keep_history", "code")
    keep_history = fields.flag("keep_history", default=True)
    order = close_order(fields.value("code", CloseCode.GOING_AWAY), "")
    assert services.restart is not None  # noqa: S101 - a server that answers has set it
    task = asyncio.create_task(services.restart(keep_history=keep_history, code=order.code))
    _restarts.add(task)
    task.add_done_callback(_restarts.discard)
    return {"restarting": True}


async def evict_history(services: Services, fields: Fields) -> object:
    """Forget what is stored for a user, or all."""
    fields.only("user")
    store = services.hub.store
    if "user" in fields:
        return {"evicted": await store.evict(services.portal.channels_of(fields.user()))}
    return {"evicted": await store.clear()}


async def revision(services: Services, fields: Fields) -> object:
    """Announce another revision of the API."""
    fields.only("revision")
    return {"revision": services.portal.revisions.announce(fields.value("revision"))}


def _listed(entry: FaultInfo) -> dict[str, Any]:
    given = {name: value for name, value in asdict(entry.fault).items() if value not in (None, "")}
    return {"fault": entry.number, **given, "times": entry.fault.times, "struck": entry.struck}
