"""bxpull_server.admission: who may listen to what."""

from typing import Any

import pytest

from bxpull_server.admission import Admission
from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.clock import ManualClock, unix_time
from bxpull_server.errors import ChannelError, StaleChannelError, TokenError
from bxpull_server.protocol.channels import ChannelRef, parse_channel_list
from bxpull_server.protocol.tokens import issue_token

KEY = "key"
UNKNOWN = "f" * 32


@pytest.fixture
def book(clock: ManualClock) -> ChannelBook:
    return ChannelBook(b"secret", clock, lifetime_s=43_205)


def make(book: ChannelBook, clock: ManualClock, key: str = KEY, default_user: int = 0) -> Admission:
    return Admission(book, clock, key=key, host_id="host", default_user=default_user)


def token(clock: ManualClock, *channels: str, user: int | None = None, **values: Any) -> str:
    claims: dict[str, Any] = {
        "issuer": "host",
        "issued_at": int(unix_time(clock)),
        "lifetime_s": 60,
        **values,
    }
    subject = None if user is None else str(user)
    return issue_token(claims.pop("key", KEY), subject=subject, channels=channels, **claims)


def refs(*ids: str) -> tuple[ChannelRef, ...]:
    return parse_channel_list("/".join(ids))


def test_the_user_is_whose_own_channel_is_among_them(book: ChannelBook, clock: ManualClock) -> None:
    admission = make(book, clock)
    shared, guest, app = book.current(SHARED).id, book.current(Holder(-2)).id, book.current(Holder(7, "a")).id
    assert admission.user_of(refs(shared, guest)) == -2
    assert admission.user_of(refs(app)) == 7
    assert admission.user_of(refs(UNKNOWN, shared)) == 0


def test_the_kind_of_every_id_given_out_is_known(book: ChannelBook, clock: ManualClock) -> None:
    admission = make(book, clock)
    former = book.current(Holder(1))
    channel = book.replace(Holder(1))
    application, shared = book.current(Holder(1, "app.1")), book.current(SHARED)
    ids = (channel.id, former.id, former.public_id, application.id, shared.id, UNKNOWN)
    kinds = ["private", "private", "public", "app.1", "shared", None]
    assert [admission.kind_of(channel_id) for channel_id in ids] == kinds


def test_former_channels_are_named_with_their_public_ids(book: ChannelBook, clock: ManualClock) -> None:
    former, current = book.current(Holder(1)), book.replace(Holder(1))
    earlier = make(book, clock).earlier_channels(refs(current.id, UNKNOWN))
    assert earlier == [former.id, former.public_id]


def test_current_channels_and_those_of_others_are_taken(book: ChannelBook, clock: ManualClock) -> None:
    admission = make(book, clock)
    admission.check_current(refs(book.current(Holder(1)).id, book.current(SHARED).id))
    admission.check_current(refs(book.current(Holder(1, "a")).id, book.current(Holder(0, "a")).id))
    admission.check_current(refs(UNKNOWN))


def test_a_replaced_channel_is_refused(book: ChannelBook, clock: ManualClock) -> None:
    for holder in (Holder(1), SHARED, Holder(1, "app.1"), Holder(0, "app.1")):
        old = book.current(holder).id
        book.replace(holder)
        with pytest.raises(StaleChannelError, match="was replaced: load the configuration again") as caught:
            make(book, clock).check_current(refs(old))
        assert old not in str(caught.value)


@pytest.mark.parametrize("shared", [SHARED, Holder(0, "app.1")])
def test_beside_a_shared_channel_of_ours_an_unknown_one_is_from_an_earlier_run(
    book: ChannelBook, clock: ManualClock, shared: Holder
) -> None:
    with pytest.raises(StaleChannelError):
        make(book, clock).check_current(refs(UNKNOWN, book.current(shared).id))


def test_the_default_user_s_channel_outlives_the_process(book: ChannelBook, clock: ManualClock) -> None:
    embedded = ChannelBook(b"secret", clock, lifetime_s=1).current(Holder(5)).id
    make(book, clock, default_user=5).check_current(refs(embedded, book.current(SHARED).id))


def test_a_public_id_is_not_to_listen_to(book: ChannelBook, clock: ManualClock) -> None:
    public_id = book.current(Holder(1)).public_id
    with pytest.raises(ChannelError, match="is a public id, for publishing"):
        make(book, clock).check_current(refs(public_id))


def test_a_users_token_stands_for_the_users_channel_and_those_it_names(
    book: ChannelBook, clock: ManualClock
) -> None:
    shared = book.current(SHARED).id
    found = make(book, clock).refs_of_token(token(clock, shared, user=7))
    own = book.current(Holder(7))
    assert found == (ChannelRef(own.id, own.public_id), ChannelRef(shared))


def test_a_users_token_stands_for_the_channel_the_user_has_now(book: ChannelBook, clock: ManualClock) -> None:
    text = token(clock, book.current(SHARED).id, user=7)
    book.current(Holder(7))
    new = book.replace(Holder(7))
    assert make(book, clock).refs_of_token(text)[0].id == new.id


def test_a_guests_token_names_its_private_and_public_id(book: ChannelBook, clock: ManualClock) -> None:
    own, shared = book.current(Holder(-1)), book.current(SHARED)
    found = make(book, clock).refs_of_token(token(clock, own.id, own.public_id, shared.id))
    assert found == (ChannelRef(own.id, own.public_id), ChannelRef(shared.id))


def test_a_channel_that_is_named_and_the_users_counts_once(book: ChannelBook, clock: ManualClock) -> None:
    own = book.current(Holder(7))
    assert len(make(book, clock).refs_of_token(token(clock, own.id, user=7))) == 1


def test_a_token_that_names_a_replaced_channel_is_refused(book: ChannelBook, clock: ManualClock) -> None:
    admission = make(book, clock)
    guest, shared = book.current(Holder(-1)), book.current(SHARED)
    for_guest = token(clock, guest.id, guest.public_id, shared.id)
    for_user = token(clock, shared.id, user=7)
    book.replace(Holder(-1))
    with pytest.raises(StaleChannelError):
        admission.refs_of_token(for_guest)
    book.replace(SHARED)
    with pytest.raises(StaleChannelError):
        admission.refs_of_token(for_user)


def test_a_token_of_an_earlier_run_with_the_same_key_is_refused(
    book: ChannelBook, clock: ManualClock
) -> None:
    admission = make(book, clock)
    earlier = ChannelBook(b"secret", clock, lifetime_s=43_205)
    guest, shared = earlier.current(Holder(-1)), earlier.current(SHARED)
    with pytest.raises(StaleChannelError):
        admission.refs_of_token(token(clock, guest.id, guest.public_id, shared.id))
    assert len(admission.refs_of_token(token(clock, shared.id, user=7))) == 2
    replaced = earlier.replace(SHARED)
    with pytest.raises(StaleChannelError):
        admission.refs_of_token(token(clock, replaced.id, user=7))


def test_a_token_of_a_real_back_end_is_taken_as_it_is(book: ChannelBook, clock: ManualClock) -> None:
    text = token(clock, UNKNOWN, issuer="other-host")
    assert make(book, clock).refs_of_token(text) == (ChannelRef(UNKNOWN),)


def test_a_forged_or_expired_token_is_refused(book: ChannelBook, clock: ManualClock) -> None:
    admission = make(book, clock)
    shared = book.current(SHARED).id
    with pytest.raises(TokenError, match="wrong signature"):
        admission.refs_of_token(token(clock, shared, user=7, key="other key"))
    text = token(clock, shared, user=7)
    clock.advance(60)
    with pytest.raises(TokenError, match="expired"):
        admission.refs_of_token(text)


def test_without_a_key_no_token_is_taken(book: ChannelBook, clock: ManualClock) -> None:
    with pytest.raises(TokenError, match="signs nothing, so it takes no token: send CHANNEL_ID"):
        make(book, clock, key="").refs_of_token(token(clock, UNKNOWN, user=7))
