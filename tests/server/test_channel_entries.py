"""bxpull_server.channel_entries."""

import pytest

from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.channel_entries import channel_entry, public_entry
from bxpull_server.clock import ManualClock
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import Signer

SIGNER = Signer("key")


@pytest.fixture
def book(clock: ManualClock) -> ChannelBook:
    return ChannelBook(b"secret", clock, lifetime_s=43_205)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_up_to_version_3_the_bare_id_is_signed(book: ChannelBook, version: int) -> None:
    channel = book.current(Holder(1))
    assert channel_entry(channel, SIGNER, Profile(version, "personal")) == {
        "id": f"{channel.id}.{SIGNER.signature(channel.id)}",
        "start": "2026-09-21T14:13:20+00:00",
        "end": "2026-09-22T02:13:25+00:00",
        "type": "private",
    }


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("holder", [Holder(1), Holder(-1), Holder(1, "app.1")])
def test_from_version_4_on_the_public_id_is_signed_along(
    book: ChannelBook, holder: Holder, version: int
) -> None:
    channel = book.current(holder)
    entry = channel_entry(channel, SIGNER, Profile(version, "personal"))
    both = f"{channel.id}:{channel.public_id}"
    assert entry["id"] == f"{both}.{SIGNER.signature(both)}"
    assert entry["public_id"] == f"{channel.public_id}.{SIGNER.signature('public:' + channel.public_id)}"


@pytest.mark.parametrize("holder", [SHARED, Holder(0, "app.1")])
def test_nobody_publishes_to_a_shared_channel(book: ChannelBook, holder: Holder) -> None:
    channel = book.current(holder)
    entry = channel_entry(channel, SIGNER, Profile(5, "personal"))
    assert entry["id"] == SIGNER.sign(channel.id)
    assert "public_id" not in entry
    assert entry["type"] == holder.kind


def test_others_get_the_public_id_and_its_signature_apart(book: ChannelBook) -> None:
    channel = book.current(Holder(5))
    assert public_entry(channel, SIGNER) == {
        "user_id": 5,
        "public_id": channel.public_id,
        "signature": SIGNER.signature("public:" + channel.public_id),
        "start": "2026-09-21T14:13:20+00:00",
        "end": "2026-09-22T02:13:25+00:00",
    }


def test_without_a_key_nothing_is_signed(book: ChannelBook) -> None:
    channel = book.current(Holder(5))
    unsigned = Signer("")
    assert (
        channel_entry(channel, unsigned, Profile(4, "personal"))["id"] == f"{channel.id}:{channel.public_id}"
    )
    assert public_entry(channel, unsigned)["signature"] == ""
