"""What a run of the conformance page may do to the server: a part of the control API, to its own users only.

One thing reaches others, since that is what is tried: ``shared`` sends one event without content, of a module
that no page but this one has a use for, to all who are connected.
"""

from collections.abc import Awaitable, Callable

from bxpull_server.conformance.runs import Run
from bxpull_server.errors import EventError
from bxpull_server.web.control_actions import ACTIONS
from bxpull_server.web.control_fields import Fields
from bxpull_server.web.services import Services

RunAction = Callable[[Services, Run, Fields], Awaitable[object]]

MODULE = "conformance"
_BURST = 1_000
_FAULT_TIMES = 20
_FAULTS = 500
# Of the control API, each with the fields that a run may give.
_OF_CONTROL = {
    "send": ("user", "module", "command", "params", "expiry"),
    "disconnect": ("user", "code"),
    "expire-config": ("user",),
    "expire-channel": ("user", "new_channel"),
    "evict-history": ("user",),
    "user": ("user", "server_version", "mode"),
}


def _of_control(name: str, known: tuple[str, ...]) -> RunAction:
    async def act(services: Services, run: Run, fields: Fields) -> object:
        fields.only(*known)
        run.check_user(fields.user())
        return await ACTIONS[name](services, fields)

    return act


async def _watch(services: Services, run: Run, fields: Fields) -> object:
    fields.only("user", "tag")
    run.check_user(fields.user())
    run.check_tag(fields.text("tag"))
    return await ACTIONS["watch"](services, fields)


async def _send_to_tag(services: Services, run: Run, fields: Fields) -> object:
    fields.only("tag")
    tag = run.check_tag(fields.text("tag"))
    return await ACTIONS["send"](services, Fields({"tag": tag, "module": MODULE, "command": "tag"}))


async def _send_shared(services: Services, _run: Run, fields: Fields) -> object:
    fields.only()
    event = {"shared": True, "module": f"{MODULE}_shared", "command": "news", "expiry": 0}
    return await ACTIONS["send"](services, Fields(event))


async def _burst(services: Services, run: Run, fields: Fields) -> object:
    fields.only("user", "count")
    user, count = run.check_user(fields.user()), fields.value("count")
    if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= _BURST:
        raise EventError("count", f"must be a whole number from 1 to {_BURST}")
    for number in range(count):
        await services.portal.send(
            [user], module_id=MODULE, command="burst", params={"number": number}, expiry=3_600
        )
    return {"sent": count}


async def _fault(services: Services, run: Run, fields: Fields) -> object:
    fields.only("kind", "user", "times", "status")
    run.check_user(fields.user())
    times = fields.value("times", 1)
    if isinstance(times, bool) or not isinstance(times, int) or not 0 < times <= _FAULT_TIMES:
        raise EventError("times", f"must be a whole number from 1 to {_FAULT_TIMES}")
    if len(run.faults) >= _FAULTS:
        raise EventError("kind", f"a run may add {_FAULTS} faults, and no more")
    added = await ACTIONS["fault"](services, fields)
    assert isinstance(added, dict)  # noqa: S101 - what the action answers
    run.faults.append(added["fault"])
    return added


async def _connections(services: Services, run: Run, fields: Fields) -> object:
    fields.only("user")
    connections = services.hub.of_user(run.check_user(fields.user()))
    return [
        {
            "format": c.codec.name,
            "transport": c.transport,
            "number": c.number,
            "open": not (c.closing or c.between_polls),
        }
        for c in connections
    ]


async def tidy(services: Services, run: Run) -> None:
    """Forget what a run that has ended left behind."""
    for number in run.faults:
        services.faults.clear(number)
    for user in services.portal.users:
        if abs(user) in run.users:
            await services.hub.store.evict(services.portal.channels_of(user, applications=False))


RUN_ACTIONS: dict[str, RunAction] = {
    **{name: _of_control(name, known) for name, known in _OF_CONTROL.items()},
    "watch": _watch,
    "send-to-tag": _send_to_tag,
    "send-shared": _send_shared,
    "burst": _burst,
    "fault": _fault,
    "connections": _connections,
}
