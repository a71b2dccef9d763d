"""bxpull_server.protocol.resume, as subscribers of every wire format are told."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import decode_text

FORMATS = {1: "", 4: "binaryMode=true", 5: "jsonRpc=true"}


@pytest.fixture
def clock() -> ManualClock:
    """Moves only when told to."""
    return ManualClock()


@pytest.fixture(params=FORMATS)
async def client(request: pytest.FixtureRequest, start: Callable[..., Any], clock: ManualClock) -> Any:
    """A server of each format's version."""
    return await start(clock=clock, server_version=request.param)


def flags(client: Any) -> str:
    return f"{FORMATS[client.server.options.server_version]}&verdict=true".lstrip("&")


def read(frame: Any) -> list[tuple[str, Any]]:
    """Mid and event of each message."""
    if isinstance(frame, bytes):
        return [(message.id.hex(), json.loads(message.body)) for message in decode_frame(frame).messages]
    if frame.startswith("#!"):
        return [(record["mid"], record["text"]) for record in decode_text(frame).records]
    return [(message["mid"], message["body"]) for message in decode_incoming(frame).events]


async def add(client: Any, command: str, expiry: int = 86_400) -> str:
    mid: str = await client.server.add_by_user(1, module_id="m", command=command, expiry=expiry)
    return mid


async def told(
    client: Any, mid: str | None, history: str = "", last: str = "end"
) -> tuple[dict[str, str], list[str]]:
    """Params of the verdict, and the commands of what follows up to ``last``, which is published now."""
    page = await client.subscribe(1, mid, flags=f"{flags(client)}&history={history}")
    await add(client, last)
    messages: list[tuple[str, Any]] = []
    while not messages or messages[-1][1]["command"] != last:
        messages += read(await page.socket.recv())
    (mid, first), *others = messages
    assert (mid, first["module_id"], first["command"]) == ("", "pull", "resume")
    return first["params"], [event["command"] for _mid, event in others]


async def test_who_comes_without_a_mid_learns_one_to_resume_from(client: Any) -> None:
    await add(client, "before")
    params, commands = await told(client, None)
    assert (params["asked"], commands) == ("", ["end"])
    assert (await told(client, params["position"], last="last"))[1] == ["end", "last"]


async def test_a_mid_that_the_history_covers_is_newer_than_all_that_is_lost(client: Any) -> None:
    mid = await add(client, "seen")
    await add(client, "missed")
    params, commands = await told(client, mid)
    assert commands == ["missed", "end"]
    assert params["asked"] == mid
    assert params["through"] < mid < params["position"]


async def test_what_is_lost_is_named_and_what_is_kept_of_it_follows(client: Any, clock: ManualClock) -> None:
    mid = await add(client, "seen")
    await add(client, "kept")
    lost = await add(client, "expired", expiry=5)
    clock.advance(5)
    params, commands = await told(client, mid)
    assert (params["through"], commands) == (lost, ["kept", "end"])


async def test_a_mid_of_another_history_is_nothing_to_go_by_once_mids_began_anew(
    client: Any, clock: ManualClock
) -> None:
    old, _ = await told(client, None)
    clock.advance(60)
    mid = await add(client, "old")
    clock.set_time(clock.time_ns() / 1e9 - 120)
    await client.server.reset()
    await add(client, "new")
    clock.advance(150)
    await add(client, "caught_up")
    assert (await told(client, mid))[1] == ["caught_up", "end"]
    params, commands = await told(client, mid, old["begin"], last="last")
    assert commands == ["new", "caught_up", "end", "last"]
    assert params["begin"] == params["through"] < mid == params["asked"]


async def test_a_mid_of_another_history_that_ended_before_this_one_began_is_a_gap(
    client: Any, clock: ManualClock
) -> None:
    old, _ = await told(client, None)
    mid = await add(client, "seen")
    clock.advance(1)
    await client.server.reset()
    params, commands = await told(client, mid, old["begin"])
    assert commands == ["end"]
    assert mid < params["begin"] == params["through"]


async def test_who_does_not_ask_is_told_nothing(client: Any) -> None:
    page = await client.subscribe(1, flags=FORMATS[client.server.options.server_version])
    await add(client, "first")
    assert [event["command"] for _mid, event in read(await page.socket.recv())] == ["first"]
