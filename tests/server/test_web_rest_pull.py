"""bxpull_server.web.rest_pull, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def call(client: Any, method: str, body: str = "", **request: Any) -> Any:
    answer = await client.http.post(f"/rest/{method}.json", content=body, headers=FORM, **request)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


async def refused(client: Any, method: str, **fields: Any) -> tuple[int, str]:
    answer = await client.http.post(f"/rest/{method}.json", data=fields)
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
async def test_the_config_is_of_the_users_version_and_mode(client: Any, version: int) -> None:
    await client.server.set_user(2, server_version=version, mode="shared")
    config = await client.config(bxpull_user=2)
    assert (config["server"]["version"], config["server"]["mode"]) == (version, "shared")
    assert ("jwt" in config, "clientId" in config) == (version == 5, True)
    assert (await client.config())["server"]["version"] == 4


async def test_the_config_is_for_pages_and_not_for_applications(client: Any) -> None:
    await client.server.add_application("app.1", "t0ken", user=1)
    assert await refused(client, "pull.config.get", auth="t0ken") == (403, "WRONG_AUTH_TYPE")


async def test_public_channels_of_several_users_are_listed(client: Any) -> None:
    found = await call(client, "pull.channel.public.list", "sessid=S&&users[0]=2&users[1]=3")
    assert [entry["user_id"] for entry in found.values()] == [2, 3]
    for user, entry in found.items():
        assert list(entry) == ["user_id", "public_id", "signature", "start", "end"]
        own = (await client.config(bxpull_user=int(user)))["channels"]["private"]["public_id"]
        assert own == f"{entry['public_id']}.{entry['signature']}"


async def test_one_public_channel_comes_in_the_same_form(client: Any) -> None:
    one = await call(client, "pull.channel.public.get", "USER_ID=2")
    assert one == await call(client, "pull.channel.public.list", "USERS[]=2")


async def test_public_channels_are_not_for_guests(client: Any) -> None:
    for method in ("pull.channel.public.list", "pull.channel.public.get", "pull.api.user.getLastSeen"):
        assert await refused(client, method, pull_guest_id=-1) == (403, "AUTHORIZE_ERROR")


async def test_a_user_that_is_none_is_refused(client: Any) -> None:
    assert await refused(client, "pull.channel.public.get", USER_ID="x") == (400, "INVALID_REQUEST")
    assert await refused(client, "pull.channel.public.list", **{"users[]": "-1"}) == (400, "INVALID_REQUEST")


async def test_last_seen_is_0_for_who_is_online_and_missing_for_the_unknown(
    start: Callable[..., Any],
) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    await client.subscribe(1)
    await client.server.set_last_seen(2, clock.time_ns() / 1e9)
    clock.advance(90)
    found = await call(client, "pull.api.user.getLastSeen", "userIds[0]=1&userIds[1]=2&userIds[2]=3")
    assert found == {"1": 0, "2": 90}


@pytest.mark.parametrize(
    "body", ["sessid=S&&tags[0]=A&tags[1]=B", "TAGS[]=A&TAGS[]=B", "TAGS%5B0%5D=A&TAGS%5B1%5D=B"]
)
async def test_watch_extend_tells_which_tags_are_watched(client: Any, body: str) -> None:
    await client.server.watch_add(1, "A")
    assert await call(client, "pull.watch.extend", body) == {"A": True, "B": False}


async def test_watch_extend_takes_json(client: Any) -> None:
    await client.server.watch_add(1, "A")
    answer = await client.http.post("/rest/pull.watch.extend", json={"Tags": ["A", "B"], "x": {"y": 1}})
    assert answer.json()["result"] == {"A": True, "B": False}


async def test_guests_extend_their_own_watches(client: Any) -> None:
    await client.server.watch_add(-1, "A")
    assert await call(client, "pull.watch.extend", "pull_guest_id=-1&tags[0]=A") == {"A": True}
    assert await call(client, "pull.watch.extend", "pull_guest_id=-2&tags[0]=A") == {"A": False}
    assert await call(client, "pull.watch.extend", "tags[0]=A") == {"A": False}


async def test_a_watch_that_ran_out_is_not_extended(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    await client.server.watch_add(1, "A")
    clock.advance(1859)
    assert await call(client, "pull.watch.extend", "tags[0]=A") == {"A": True}
    clock.advance(1859)
    assert await call(client, "pull.watch.extend", "tags[0]=A") == {"A": True}
    clock.advance(1860)
    assert await call(client, "pull.watch.extend", "tags[0]=A") == {"A": False}
    assert await client.server.add_to_stack("A", module_id="m", command="c") is None


async def test_no_tags_are_no_watches(client: Any) -> None:
    assert await call(client, "pull.watch.extend") == {}
