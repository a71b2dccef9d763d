"""bxpull_server.channel_book."""

from bxpull_server.channel_book import ChannelBook
from bxpull_server.clock import ManualClock
from bxpull_server.protocol.channels import is_channel_id


def make(clock: ManualClock, secret: bytes = b"secret") -> ChannelBook:
    return ChannelBook(secret, clock, lifetime_s=100)


def test_the_same_owner_has_the_same_channel(clock: ManualClock) -> None:
    book = make(clock)
    channel = book.current(-1)
    clock.advance(50)
    assert book.current(-1) is channel
    assert book.owner_of(channel.id) == -1
    assert (channel.kind, book.current(0).kind) == ("private", "shared")
    assert book.owners == (-1,)


def test_everybody_has_another_one(clock: ManualClock) -> None:
    book = make(clock)
    channels = [book.current(owner) for owner in (0, 1, -1, 2)]
    ids = {channel.id for channel in channels} | {channel.public_id for channel in channels}
    assert len(ids) == 8
    assert all(is_channel_id(channel_id) for channel_id in ids)


def test_a_restarted_server_gives_out_the_same_ids(clock: ManualClock) -> None:
    assert make(clock).current(5) == make(clock).current(5)
    assert make(clock).current(5).id != make(clock, b"other").current(5).id


def test_a_channel_ends_and_is_replaced(clock: ManualClock) -> None:
    book = make(clock)
    old = book.current(1)
    clock.advance(99)
    assert not book.ended(old)
    clock.advance(1)
    assert book.ended(old)
    new = book.replace(1)
    assert (new.generation, new.start, new.end) == (1, old.end, old.end + 100)
    assert new.id != old.id
    assert book.owner_of(old.id) == book.owner_of(new.id) == 1


def test_a_former_channel_is_known_as_such(clock: ManualClock) -> None:
    book = make(clock)
    first = book.current(1)
    assert book.is_current(first.id)
    assert book.former(1) == ()
    second, third = book.replace(1), book.replace(1)
    assert book.former(1) == (first.id, second.id)
    assert [book.is_current(channel.id) for channel in (first, second, third)] == [False, False, True]
    assert not book.is_current("0" * 32)
