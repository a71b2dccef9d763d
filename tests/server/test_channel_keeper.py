"""bxpull_server.channel_keeper: who is told what when a channel or config ends."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.channel_entries import channel_entry
from bxpull_server.channel_keeper import ChannelKeeper
from bxpull_server.clock import ManualClock
from bxpull_server.event_writer import EventWriter
from bxpull_server.hub import Hub, Published
from bxpull_server.profiles import Profile, Profiles
from bxpull_server.protocol.channels import Signer
from bxpull_server.revisions import Revisions
from bxpull_server.store import MemoryStore

SIGNER = Signer("key")
LIFE_S = 43_205


class NotingHub(Hub):
    """Notes what is published: channels, event, expiry."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(MemoryStore(clock), clock, 10_000)
        self.told: list[tuple[list[str], dict[str, Any], int]] = []
        self.listened: set[str] = set()

    async def publish(self, channels: Sequence[str], body: str, **how: Any) -> Published:
        self.told.append((list(channels), json.loads(body), how["expiry"]))
        return Published("0" * 26, 0)

    def subscribers(self, channel: str) -> int:
        return int(channel in self.listened)


@pytest.fixture
def hub(clock: ManualClock) -> NotingHub:
    return NotingHub(clock)


@pytest.fixture
def book(clock: ManualClock) -> ChannelBook:
    return ChannelBook(b"secret", clock, LIFE_S)


def make(book: ChannelBook, hub: Hub, clock: ManualClock, version: int = 4) -> ChannelKeeper:
    profiles = Profiles(Profile(version, "personal"))
    return ChannelKeeper(
        book, hub, EventWriter(clock, "portal.example", 10_000, Revisions()), SIGNER, profiles
    )


async def test_a_channel_lives_to_its_end(book: ChannelBook, hub: NotingHub, clock: ManualClock) -> None:
    keeper = make(book, hub, clock)
    channel = await keeper.live(Holder(1))
    clock.advance(LIFE_S - 1)
    assert await keeper.live(Holder(1)) is channel
    assert hub.told == []


@pytest.mark.parametrize("version", [1, 3, 4, 5])
@pytest.mark.parametrize("new_channel", [True, False])
@pytest.mark.parametrize("holder", [Holder(1), Holder(-1), SHARED, Holder(1, "app.1")])
async def test_a_replacement_is_told_on_the_old_channel_to_those_connected(
    book: ChannelBook, hub: NotingHub, clock: ManualClock, version: int, new_channel: bool, holder: Holder
) -> None:
    old = book.current(holder)
    await make(book, hub, clock, version).replace(holder, new_channel=new_channel)
    profile = Profile(version, "personal")
    ((channels, event, expiry),) = hub.told
    assert (channels, expiry) == ([old.id], 0)
    assert (event["module_id"], event["command"]) == ("pull", "channel_expire")
    expected: dict[str, Any] = {
        "action": "reconnect" if new_channel else "get_config",
        "channel": {"id": channel_entry(old, SIGNER, profile)["id"], "type": holder.kind},
    }
    if new_channel:
        expected["new_channel"] = channel_entry(book.current(holder), SIGNER, profile)
    assert event["params"] == expected


@pytest.mark.parametrize(
    ("version", "holder", "action"),
    [
        (3, Holder(1), "reconnect"),
        (4, Holder(-1), "reconnect"),
        (4, SHARED, "reconnect"),
        (5, Holder(1), "reconnect"),
        (5, Holder(-1), "get_config"),
        (5, SHARED, "get_config"),
        (4, Holder(1, "app.1"), "get_config"),
        (4, Holder(0, "app.1"), "get_config"),
    ],
)
async def test_at_the_end_of_its_life_a_channel_is_swapped_where_the_client_can_do_it(
    book: ChannelBook, hub: NotingHub, clock: ManualClock, version: int, holder: Holder, action: str
) -> None:
    keeper = make(book, hub, clock, version)
    old = await keeper.live(holder)
    clock.advance(LIFE_S)
    new = await keeper.live(holder)
    assert new.id != old.id
    assert await keeper.live(holder) is new
    assert [(channels, event["params"]["action"]) for channels, event, _ in hub.told] == [([old.id], action)]


async def test_channels_that_are_listened_to_are_replaced_by_themselves(
    book: ChannelBook, hub: NotingHub, clock: ManualClock
) -> None:
    keeper = make(book, hub, clock)
    listened, alone = await keeper.live(Holder(1)), await keeper.live(Holder(2))
    hub.listened = {listened.id}
    await keeper.replace_ended()
    assert hub.told == []
    clock.advance(LIFE_S)
    await keeper.replace_ended()
    assert [channels for channels, _, _ in hub.told] == [[listened.id]]
    assert book.current(Holder(2)) is alone


async def test_a_user_is_told_to_reload_the_config_on_every_page(
    book: ChannelBook, hub: NotingHub, clock: ManualClock
) -> None:
    own, in_application = book.current(Holder(1)).id, book.current(Holder(1, "app.1")).id
    book.current(Holder(2))
    await make(book, hub, clock).expire_config(1)
    ((channels, event, _),) = hub.told
    assert channels == [own, in_application]
    assert (event["module_id"], event["command"], event["params"]) == ("pull", "config_expire", [])


async def test_everybody_is_reached_on_the_shared_channels(
    book: ChannelBook, hub: NotingHub, clock: ManualClock
) -> None:
    keeper = make(book, hub, clock)
    of_application = book.current(Holder(0, "app.1")).id
    await keeper.expire_config(0)
    await keeper.server_restart()
    shared = book.current(SHARED).id
    assert [(channels, event["command"], expiry) for channels, event, expiry in hub.told] == [
        ([shared, of_application], "config_expire", 86_400),
        ([shared, of_application], "server_restart", 0),
    ]
