"""bxpull_server.channel_book."""

from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.clock import ManualClock
from bxpull_server.protocol.channels import is_channel_id


def make(clock: ManualClock, secret: bytes = b"secret") -> ChannelBook:
    return ChannelBook(secret, clock, lifetime_s=100)


def test_the_same_holder_has_the_same_channel(clock: ManualClock) -> None:
    book = make(clock)
    channel = book.current(Holder(-1))
    clock.advance(50)
    assert book.current(Holder(-1)) is channel
    assert book.find(channel.id) is channel
    assert book.channels == (channel,)


def test_the_kind_of_a_channel_is_private_shared_or_the_application() -> None:
    assert [Holder(1).kind, Holder(-1).kind, SHARED.kind] == ["private", "private", "shared"]
    assert [Holder(1, "app.x").kind, Holder(0, "app.x").kind] == ["app.x", "app.x"]


def test_everybody_has_another_one(clock: ManualClock) -> None:
    book = make(clock)
    holders = (SHARED, Holder(1), Holder(-1), Holder(2), Holder(1, "a"), Holder(0, "a"), Holder(1, "b"))
    channels = [book.current(holder) for holder in holders]
    ids = {channel.id for channel in channels} | {channel.public_id for channel in channels}
    assert len(ids) == 2 * len(holders)
    assert all(is_channel_id(channel_id) for channel_id in ids)


def test_a_restarted_server_gives_out_the_same_ids(clock: ManualClock) -> None:
    assert make(clock).current(Holder(5)) == make(clock).current(Holder(5))
    assert make(clock).current(Holder(5)).id != make(clock, b"other").current(Holder(5)).id


def test_a_channel_ends_and_is_replaced(clock: ManualClock) -> None:
    book = make(clock)
    old = book.current(Holder(1))
    clock.advance(99)
    assert not book.ended(old)
    clock.advance(1)
    assert book.ended(old)
    new = book.replace(Holder(1))
    assert (new.generation, new.start, new.end) == (1, old.end, old.end + 100)
    assert new.id != old.id
    assert [book.find(old.id), book.find(new.id)] == [old, new]


def test_a_former_channel_is_known_as_such(clock: ManualClock) -> None:
    book = make(clock)
    holder = Holder(1)
    first = book.current(holder)
    assert book.is_current(first.id)
    assert book.former(holder) == ()
    second, third = book.replace(holder), book.replace(holder)
    assert book.former(holder) == (first, second)
    assert [book.is_current(channel.id) for channel in (first, second, third)] == [False, False, True]
    assert not book.is_current("0" * 32)


def test_public_ids_are_told_from_others(clock: ManualClock) -> None:
    book = make(clock)
    old = book.current(Holder(1))
    new = book.replace(Holder(1))
    assert book.is_public(old.public_id)
    assert book.is_public(new.public_id)
    assert not book.is_public(new.id)


def test_ids_are_not_shown() -> None:
    channel = ChannelBook(b"secret", ManualClock(), 10).current(Holder(1))
    assert not any(secret in repr(channel) for secret in (channel.id, channel.public_id))


def test_a_replaced_public_id_leads_to_the_one_its_owner_has_now(clock: ManualClock) -> None:
    book = make(clock)
    first = book.current(Holder(1))
    assert book.successor(first.public_id) is None
    second, third = book.replace(Holder(1)), book.replace(Holder(1))
    ids = [first.public_id, second.public_id, third.public_id, first.id, "f" * 32]
    assert [book.successor(channel_id) for channel_id in ids] == [
        third.public_id,
        third.public_id,
        None,
        None,
        None,
    ]
