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


async def test_the_config_is_what_a_page_gets(start: Callable[..., Any]) -> None:
    client = await start(clock=ManualClock())
    await client.server.set_user(1, server_version=4)
    assert await client.server.config(1) == {
        **(await client.config()),
        "serverTime": (await client.server.config(1))["serverTime"],
    }
    await client.server.add_application("app.1", "t0ken", user=1)
    assert (await client.server.config(1, "app.1"))["channels"]["private"]["type"] == "app.1"


async def test_the_public_channel_is_the_one_of_the_config(client: Any) -> None:
    public = await client.server.public_channel(2)
    config = await client.server.config(2)
    assert public == config["publicChannels"]["2"]
    assert config["channels"]["private"]["public_id"] == f"{public['public_id']}.{public['signature']}"


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


async def test_only_applications_have_channels_of_applications(client: Any) -> None:
    await client.server.add_application("app.1", "t0ken", user=1)
    refused = pytest.raises(EventError, match=r"application: there is no 'app\.2'; known are app\.1")
    with refused:
        await client.server.expire_channel(1, application="app.2")
    with refused:
        await client.server.config(1, "app.2")


async def test_what_an_applications_page_missed_is_evicted_with_its_users_history(
    client: Any, make_query: Any
) -> None:
    await client.server.add_application("app.1", "t0ken", user=1)
    form = {"auth": "t0ken", "COMMAND": "missed", "USER_ID": "1"}
    for _ in range(2):
        assert (await client.http.post("/rest/pull.application.event.add", data=form)).status_code == 200
        await client.server.expire_channel(1, application="app.1", new_channel=False)
    before = await client.server.lost_through(1)
    assert await client.server.evict_history(2) == 0
    assert await client.server.evict_history(1) == 2
    assert await client.server.lost_through(1) == before  # the portal's own pages lack nothing
    page = await client.open(make_query(await client.server.config(1, "app.1"), "1" * 26))
    await client.server.wait_connected(1)
    await client.http.post("/rest/pull.application.event.add", data={**form, "COMMAND": "next"})
    assert (await page.event())["command"] == "next"


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


def by_channels(config: dict[str, Any], make_query: Any) -> str:
    """A subscription as clients of versions 1 to 4 make it."""
    query: str = make_query(config)
    return query


def by_token(config: dict[str, Any], _make_query: Any) -> str:
    """A subscription as clients of version 5 make it, for text frames."""
    return f"token={config['jwt']}&revision=19"


@pytest.mark.parametrize(
    ("version", "subscription"), [(3, by_channels), (4, by_channels), (5, by_channels), (5, by_token)]
)
@pytest.mark.parametrize("user", [-1, 1])
async def test_a_config_with_a_replaced_channel_has_to_be_loaded_again(
    client: Any, make_query: Any, version: int, subscription: Callable[..., str], user: int
) -> None:
    await client.server.set_user(user, server_version=version)
    old = await client.server.config(user)
    page = await client.open(subscription(old, make_query))
    await client.server.wait_connected(user)
    await client.server.expire_channel()
    assert (await page.event())["command"] == "channel_expire"
    refused = await client.open(subscription(old, make_query))
    assert (await refused.closed())[0] == 4010
    again = await client.open(subscription(await client.server.config(user), make_query))
    await client.server.wait_connected(user, tabs=2)
    await client.server.add_shared(module_id="m", command="all")
    await client.server.add_by_user(user, module_id="m", command="own")
    assert [(await again.event())["command"] for _ in range(2)] == ["all", "own"]


async def test_a_guest_s_token_names_the_guest_s_channel_and_a_user_s_the_user(client: Any) -> None:
    for user in (-1, 1):
        await client.server.set_user(user, server_version=5)
    configs = {user: await client.server.config(user) for user in (-1, 1)}
    await client.server.expire_channel(-1)
    await client.server.expire_channel(1)
    refused = await client.open(by_token(configs[-1], None))
    assert (await refused.closed())[0] == 4010
    page = await client.open(by_token(configs[1], None))
    await client.server.wait_connected(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_an_expired_token_is_refused(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock, server_version=5, token_lifetime_s=60)
    config = await client.server.config(1)
    clock.advance(59)
    await client.open(by_token(config, None))
    await client.server.wait_connected(1)
    clock.advance(1)
    refused = await client.open(by_token(config, None))
    assert await refused.closed() == (4010, "the token has expired: load the configuration again")


@pytest.mark.parametrize("user", [-1, 1])
async def test_of_tokens_from_before_a_restart_those_are_taken_that_still_mean_something(
    start: Callable[..., Any], user: int
) -> None:
    before, after = [await start(signature_key="k", server_version=5) for _ in range(2)]
    page = await after.open(by_token(await before.server.config(user), None))
    if user < 0:
        assert (await page.closed())[0] == 4010
        page = await after.open(by_token(await after.server.config(user), None))
    await after.server.wait_connected(user)
    await after.server.add_by_user(user, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_a_page_may_be_of_another_version_after_it_loaded_its_config_again(
    client: Any, make_query: Any
) -> None:
    for version, subscription in ((3, by_channels), (4, by_channels), (5, by_token)):
        await client.server.set_user(1, server_version=version)
        page = await client.open(subscription(await client.server.config(1), make_query))
        await client.server.wait_connected(1)
        mid = await client.server.add_by_user(1, module_id="m", command="c", params={"version": version})
        assert (await page.record())["mid"] == mid
        await page.socket.close()
        await client.server.wait_disconnected(1)


async def test_in_shared_mode_subscribers_send_the_client_id_of_the_config(
    client: Any, make_query: Any
) -> None:
    await client.server.set_user(1, mode="shared")
    config = await client.server.config(1)
    refused = await client.open(make_query(config))
    assert (await refused.closed())[0] == 4010
    page = await client.open(f"{make_query(config)}&clientId={config['clientId']}")
    await client.server.wait_connected(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_evicted_history_makes_a_gap_for_that_user_only(client: Any) -> None:
    sent = [
        await client.server.add_by_user(user, module_id="m", command="c")
        for user in (1, 2, 1, 2)
        for _ in "ab"
    ]
    await client.server.expire_channel(1)
    assert await client.server.evict_history(1) == 4
    page = await client.subscribe(1, mid=sent[0], flags="verdict=true")
    verdict = (await page.event())["params"]
    assert verdict["through"] == sent[5]
    other = await client.subscribe(2, mid=sent[2], flags="verdict=true")
    assert (await other.event())["params"]["through"] < sent[0]
    assert await client.server.lost_through(1) == sent[5]
    assert await client.server.lost_through(2) < sent[0]
    assert [(await other.record())["mid"] for _ in range(3)] == [sent[3], *sent[6:]]
    assert await client.server.evict_history() == 4
    with pytest.raises(EventError, match="user: must be a user id"):
        await client.server.evict_history(0)
