"""bxpull_server.portal and bxpull_server.pull_config."""

import json
from typing import Any

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.connection import Connection
from bxpull_server.errors import ChannelError, EventError, SignatureError
from bxpull_server.hub import Hub
from bxpull_server.options import ServerOptions
from bxpull_server.portal import Portal, check_user
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import parse_channel_list
from bxpull_server.protocol.codecs import TEXT
from bxpull_server.protocol.text import decode_text
from bxpull_server.store import MemoryStore


@pytest.fixture
def store(clock: ManualClock) -> MemoryStore:
    return MemoryStore(clock)


def make(store: MemoryStore, clock: ManualClock, key: str = "key", **values: Any) -> Portal:
    return Portal(ServerOptions(**values), Hub(store, clock, 10_000), clock, key)


async def events(store: MemoryStore, channel: str) -> list[Any]:
    return [json.loads(message.body) for message in (await store.since([channel], "0" * 26)).messages]


async def listen(portal: Portal, channel: str) -> Connection:
    return await portal._hub.connect((channel,), TEXT, 1, None)


async def heard(connection: Connection) -> list[Any]:
    return [record["text"] for record in decode_text(str(await connection.take())).records]


async def private_id(portal: Portal, user: int) -> str:
    config = await portal.config(user, "h")
    return parse_channel_list(config["channels"]["private"]["id"])[0].id


async def test_the_config_is_the_protocols(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, server_version=3)
    config = await portal.config(1, "portal.example:8893")
    private, shared = config["channels"]["private"], config["channels"]["shared"]
    for ref in (*parse_channel_list(private["id"]), *parse_channel_list(shared["id"])):
        portal.signer.check(ref, required=True)
    clock.advance(43_205)
    assert config["server"] == {
        "version": 3,
        "server_enabled": True,
        "mode": "personal",
        "hostname": "",
        "long_polling": "http://portal.example:8893/bitrix/sub/",
        "long_pooling_secure": "https://portal.example:8893/bitrix/sub/",
        "websocket_enabled": True,
        "websocket": "ws://portal.example:8893/bitrix/subws/",
        "websocket_secure": "wss://portal.example:8893/bitrix/subws/",
        "publish_enabled": False,
        "publish": "http://portal.example:8893/bitrix/pubweb/",
        "publish_secure": "https://portal.example:8893/bitrix/pubweb/",
        "config_timestamp": 0,
    }
    assert config["api"] == {"revision_web": 19, "revision_mobile": 3}
    assert config["serverTime"] == private["start"] == "2026-09-21T14:13:20+00:00"
    assert private["end"] == "2026-09-22T02:13:25+00:00"
    assert (private["type"], shared["type"]) == ("private", "shared")
    assert "public_id" not in private


async def test_version_4_signs_a_public_id_along(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, server_version=4)
    config = await portal.config(1, "h")
    private = config["channels"]["private"]
    (ref,) = parse_channel_list(private["id"])
    portal.signer.check(ref, required=True)
    public = config["publicChannels"]["1"]
    assert private["public_id"] == f"{ref.public_id}.{public['signature']}"
    assert public["public_id"] == ref.public_id
    assert public["user_id"] == 1
    assert ":" not in config["channels"]["shared"]["id"]
    assert config["server"]["version"] == 4


async def test_guests_get_the_same_channel_again(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock)
    assert await private_id(portal, -1) == await private_id(portal, -1)
    assert await private_id(portal, -1) != await private_id(portal, -2)
    assert portal.users == (-2, -1)


async def test_without_a_key_ids_are_unsigned_and_still_the_same_after_a_restart(
    store: MemoryStore, clock: ManualClock
) -> None:
    one, other = make(store, clock, ""), make(store, clock, "")
    assert "." not in (await one.config(1, "h"))["channels"]["private"]["id"]
    assert await private_id(one, 1) == await private_id(other, 1)


async def test_extra_is_the_portals_and_can_be_changed(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, server_name="portal.example")
    await portal.send([1], module_id="m", command="c")
    await portal.send(
        [1], module_id="m", command="c", extra={"revision_web": 20, "server_time": None, "x": 1}
    )
    first, second = await events(store, await private_id(portal, 1))
    assert first["extra"] == {
        "server_time": "2026-09-21T14:13:20+00:00",
        "server_time_unix": 1_790_000_000.0,
        "server_name": "portal.example",
        "revision_web": 19,
        "revision_mobile": 3,
    }
    assert second["extra"]["revision_web"] == 20
    assert second["extra"]["x"] == 1
    assert "server_time" not in second["extra"]


async def test_users_tags_channels_and_all_get_their_events(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock)
    shared = parse_channel_list((await portal.config(1, "h"))["channels"]["shared"]["id"])[0].id
    one, two = await private_id(portal, 1), await private_id(portal, 2)
    await portal.send([1, 2, 1], module_id="m", command="users")
    await portal.send_shared(module_id="m", command="all")
    portal.watches.add(2, "TAG")
    assert (await portal.send_to_tag("TAG", module_id="m", command="tag")).mid
    assert (await portal.send_to_tag("NONE", module_id="m", command="tag")).mid is None
    await portal.send_to_channel(portal.signer.sign(one), module_id="m", command="channel")
    assert [event["command"] for event in await events(store, one)] == ["users", "channel"]
    assert [event["command"] for event in await events(store, two)] == ["users", "tag"]
    assert [event["command"] for event in await events(store, shared)] == ["all"]


async def test_bad_input_is_named(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock)
    with pytest.raises(EventError, match="users: must name at least one"):
        await portal.send([], module_id="m", command="c")
    with pytest.raises(EventError, match="extra: must be a mapping"):
        await portal.send([1], module_id="m", command="c", extra="x")  # type: ignore[arg-type]
    with pytest.raises(EventError, match="expiry: must be"):
        await portal.send([1], module_id="m", command="c", expiry=-1)
    with pytest.raises(ChannelError, match="at most 1 are allowed"):
        await portal.send_to_channel("a" * 32 + "/" + "b" * 32, module_id="m", command="c")
    with pytest.raises(SignatureError, match="wrong signature"):
        await portal.send_to_channel("a" * 32 + ".ff", module_id="m", command="c")


@pytest.mark.parametrize("user", [0, True, "1", None, 1.0])
def test_a_user_is_a_whole_number_other_than_zero(user: object) -> None:
    with pytest.raises(EventError, match="user: must be a user id"):
        check_user(user)


async def test_an_ended_channel_is_replaced_and_its_listeners_are_told(
    store: MemoryStore, clock: ManualClock
) -> None:
    portal = make(store, clock, server_version=3)
    old = await private_id(portal, 1)
    page = await listen(portal, old)
    clock.advance(43_205)
    await portal.send([1], module_id="m", command="c")
    config = await portal.config(1, "h")
    new = config["channels"]["private"]
    (told,) = await heard(page)
    assert await events(store, old) == []
    assert (told["module_id"], told["command"]) == ("pull", "channel_expire")
    assert told["params"]["action"] == "reconnect"
    assert told["params"]["channel"] == {"id": portal.signer.sign(old), "type": "private"}
    assert told["params"]["new_channel"] == new
    assert [event["command"] for event in await events(store, parse_channel_list(new["id"])[0].id)] == ["c"]


async def test_system_commands_go_where_they_should(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, server_version=3)
    one = await private_id(portal, 1)
    page = await listen(portal, one)
    await portal.expire_config(1)
    await portal.expire_channel(1, new_channel=False)
    config_expire, channel_expire = await heard(page)
    assert config_expire["command"] == "config_expire"
    assert channel_expire["params"] == {
        "action": "get_config",
        "channel": {"id": portal.signer.sign(one), "type": "private"},
    }


async def test_profiles_and_ids_of_users_are_known(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, server_version=5, mode="shared")
    assert portal.profile(0) == portal.profile(1) == Profile(5, "shared")
    portal.profiles.change(1, version=3)
    assert portal.profile(1) == Profile(3, "shared")
    private, public = portal.channel_ids(-1)
    (ref,) = parse_channel_list((await portal.config(-1, "h"))["channels"]["private"]["id"])
    assert (ref.id, ref.public_id) == (private, public)


def test_client_and_host_id_are_the_options_or_stay_the_same_as_long_as_the_key_does(
    store: MemoryStore, clock: ManualClock
) -> None:
    named = make(store, clock, client_id="my-client", host_id="my-host")
    assert (named.client_id, named.host_id) == ("my-client", "my-host")
    one, again, other = make(store, clock), make(store, clock), make(store, clock, "other")
    assert (one.client_id, one.host_id) == (again.client_id, again.host_id)
    assert len({one.client_id, one.host_id, other.client_id, other.host_id}) == 4


def test_a_public_id_is_not_to_listen_to(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock, "")
    private, public = portal.channel_ids(1)
    portal.check_current(parse_channel_list(private))
    with pytest.raises(ChannelError, match="is a public id: it is for publishing"):
        portal.check_current(parse_channel_list(public))
