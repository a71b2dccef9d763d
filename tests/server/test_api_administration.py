"""bxpull_server.api.administration."""

from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.errors import EventError


async def test_expiring_tells_the_page_and_the_new_channel_works(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.expire_config()
    await client.server.expire_config(1)
    await client.server.expire_channel(1, new_channel=True)
    commands = [(await page.event())["command"] for _ in range(3)]
    assert commands == ["config_expire", "config_expire", "channel_expire"]
    again = await client.subscribe(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await again.event())["command"] == "c"


async def test_a_user_s_version_and_mode_show_with_the_next_config(client: Any) -> None:
    await client.server.set_user(2, server_version=5)
    await client.server.set_user(2, mode="shared")
    server = (await client.config(bxpull_user=2))["server"]
    assert (server["version"], server["mode"]) == (5, "shared")
    assert (await client.config())["server"]["version"] == 4


@pytest.mark.parametrize("version", [1, 3, 4, 5])
async def test_pages_of_every_version_get_the_same_events(client: Any, make_query: Any, version: int) -> None:
    await client.server.set_user(1, server_version=version)
    page = await client.open(make_query(await client.config()))
    await client.server.wait_connected(1)
    await client.server.add_by_user(1, module_id="m", command="own")
    await client.server.add_shared(module_id="m", command="all")
    assert [(await page.event())["command"] for _ in range(2)] == ["own", "all"]


async def test_the_config_is_what_a_page_gets(client: Any) -> None:
    await client.server.set_user(1, server_version=4)
    assert await client.server.config(1) == {
        **(await client.config()),
        "serverTime": (await client.server.config(1))["serverTime"],
    }
    assert (await client.server.config(1, "app.1"))["channels"]["private"]["type"] == "app.1"


async def test_the_public_channel_is_signed_as_in_the_config(start: Callable[..., Any]) -> None:
    client = await start()
    private = (await client.server.config(2))["channels"]["private"]
    assert await client.server.public_channel(2) == private["public_id"]
    unsigned = await start(signature_key="")
    private = (await unsigned.server.config(2))["channels"]["private"]
    assert await unsigned.server.public_channel(2) == private["public_id"]


async def test_last_seen_is_known_of_those_who_were_here_or_are_said_to(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    page = await client.subscribe(1)
    now = clock.time_ns() / 1e9
    await client.server.set_last_seen(2, now - 60)
    assert await client.server.last_seen([1, 2, 3]) == {1: 0, 2: 60}
    await page.socket.close()
    await client.server.wait_disconnected(1)
    clock.advance(5)
    assert await client.server.last_seen([1, 2]) == {1: 5, 2: 65}
    with pytest.raises(EventError, match="unix_ts: must be unix time in seconds, not nan"):
        await client.server.set_last_seen(2, float("nan"))


async def test_a_shared_channel_is_replaced_for_everybody(client: Any) -> None:
    pages = [await client.subscribe(1), await client.subscribe(2)]
    before = (await client.config())["channels"]["shared"]["id"]
    await client.server.expire_channel()
    new = (await client.config())["channels"]["shared"]
    assert new["id"] != before
    for page in pages:
        params = (await page.event())["params"]
        assert (params["channel"], params["new_channel"]) == ({"id": before, "type": "shared"}, new)


async def test_an_application_s_channel_is_replaced(client: Any, make_query: Any) -> None:
    await client.server.add_application("app.1", "t0ken", user=1)
    page = await client.open(make_query(await client.server.config(1, "app.1")))
    await client.server.wait_connected(1)
    await client.server.expire_channel(1, new_channel=False, application="app.1")
    await client.server.expire_channel(application="app.1")
    kinds = [(await page.event())["params"]["channel"]["type"] for _ in range(2)]
    assert kinds == ["app.1", "app.1"]


async def test_a_restart_is_announced_to_those_who_are_connected_only(client: Any) -> None:
    page = await client.subscribe(1)
    first = await client.server.add_shared(module_id="m", command="first")
    await client.server.server_restart()
    await client.server.add_shared(module_id="m", command="second")
    events = [await page.event() for _ in range(3)]
    assert [event["command"] for event in events] == ["first", "server_restart", "second"]
    assert events[1]["module_id"] == "pull"
    late = await client.subscribe(1, mid=first)
    assert (await late.event())["command"] == "second"
