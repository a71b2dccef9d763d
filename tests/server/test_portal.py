"""bxpull_server.portal."""

import json
from typing import Any

import pytest

from bxpull_server.channel_book import Holder
from bxpull_server.clock import ManualClock
from bxpull_server.errors import ChannelError, EventError, SignatureError, StaleChannelError
from bxpull_server.hub import Hub
from bxpull_server.options import ServerOptions
from bxpull_server.portal import Portal
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import parse_channel_list
from bxpull_server.store import MemoryStore


@pytest.fixture
def store(clock: ManualClock) -> MemoryStore:
    return MemoryStore(clock)


def make(store: MemoryStore, clock: ManualClock, key: str = "key", **values: Any) -> Portal:
    return Portal(ServerOptions(**values), Hub(store, clock, 10_000), clock, key)


async def events(store: MemoryStore, channel: str) -> list[Any]:
    return [json.loads(message.body) for message in (await store.since([channel], "0" * 26)).messages]


async def private_id(portal: Portal, user: int) -> str:
    config = await portal.config(user, "h")
    return parse_channel_list(config["channels"]["private"]["id"])[0].id


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


async def test_an_application_s_pages_have_channels_of_their_own(
    store: MemoryStore, clock: ManualClock
) -> None:
    portal = make(store, clock)
    portal.add_application("app.1", "t0ken", user=1)
    application = await portal.config(1, "h", application="app.1")
    own, shared = (
        parse_channel_list(application["channels"][name]["id"])[0].id for name in ("private", "shared")
    )
    assert own != await private_id(portal, 1)
    await portal.send_to_application("app.1", [1], module_id="application", command="one")
    await portal.send_to_application("app.1", [], module_id="application", command="all")
    assert [event["command"] for event in await events(store, own)] == ["one"]
    assert [event["command"] for event in await events(store, shared)] == ["all"]
    assert await events(store, await private_id(portal, 1)) == []


def test_pages_of_an_application_from_an_earlier_run_load_their_config_again(
    store: MemoryStore, clock: ManualClock
) -> None:
    earlier, portal = make(store, clock), make(store, clock)
    earlier.add_application("app.1", "t0ken", user=1)
    portal.add_application("app.1", "t0ken", user=1)
    ids = [earlier._book.current(Holder(user, "app.1")).id for user in (1, 0)]
    with pytest.raises(StaleChannelError):
        portal.check_current(parse_channel_list("/".join(ids)))


async def test_public_channels_are_those_others_publish_to(store: MemoryStore, clock: ManualClock) -> None:
    portal = make(store, clock)
    found = await portal.public_channels([2, 3, 2])
    assert {user: entry["public_id"] for user, entry in found.items()} == {
        2: portal.channel_ids(2)[1],
        3: portal.channel_ids(3)[1],
    }


async def test_an_event_after_the_end_of_a_channel_is_on_the_new_one(
    store: MemoryStore, clock: ManualClock
) -> None:
    portal = make(store, clock)
    old = await private_id(portal, 1)
    clock.advance(43_205)
    await portal.send([1], module_id="m", command="c")
    assert await events(store, old) == []
    assert [event["command"] for event in await events(store, await private_id(portal, 1))] == ["c"]
