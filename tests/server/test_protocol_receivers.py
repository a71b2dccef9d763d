"""bxpull_server.protocol.receivers."""

import pytest

from bxpull_server.errors import PublishRefusedError
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.protobuf.schema import Channel
from bxpull_server.protocol.receivers import PublicReceivers, Receivers, TrustedReceivers

SIGNER, UNSIGNED = Signer("key"), Signer("")
PUBLIC_ID, PRIVATE_ID, FOREIGN_ID = "a" * 32, "b" * 32, "c" * 32
KINDS = {PUBLIC_ID: "public", PRIVATE_ID: "private"}
BROWSER, UNSIGNED_BROWSER = PublicReceivers(SIGNER, KINDS.get), PublicReceivers(UNSIGNED, KINDS.get)
BACKEND, UNSIGNED_BACKEND = TrustedReceivers(SIGNER), TrustedReceivers(UNSIGNED)


def receiver(channel: str, signature: str = "", *, private: bool = False) -> Channel:
    return Channel(bytes.fromhex(channel), private, bytes.fromhex(signature))


def public(channel: str) -> Channel:
    return receiver(channel, SIGNER.signature(f"public:{channel}"))


@pytest.mark.parametrize(
    ("receivers", "named"),
    [
        (BROWSER, public(PUBLIC_ID)),
        (UNSIGNED_BROWSER, receiver(PUBLIC_ID)),
        (BACKEND, public(PUBLIC_ID)),
        (BACKEND, receiver(PUBLIC_ID)),
        (BACKEND, receiver(PUBLIC_ID, private=True)),
        (BACKEND, receiver(PUBLIC_ID, SIGNER.signature(PUBLIC_ID), private=True)),
        (UNSIGNED_BACKEND, receiver(PUBLIC_ID)),
    ],
)
def test_these_may_be_published_to(receivers: Receivers, named: Channel) -> None:
    assert receivers.channel_of(named) == PUBLIC_ID


def test_a_browser_may_publish_to_public_ids_of_a_real_back_end() -> None:
    assert BROWSER.channel_of(public(FOREIGN_ID)) == FOREIGN_ID


@pytest.mark.parametrize(
    ("receivers", "named", "code", "problem"),
    [
        (BROWSER, Channel(), 4019, "is no channel id"),
        (BROWSER, Channel(b"x" * 15), 4019, "is no channel id"),
        (BACKEND, Channel(b"x" * 17), 4019, "is no channel id"),
        (BROWSER, receiver(PUBLIC_ID, private=True), 4020, "is no public id"),
        (BROWSER, receiver(PRIVATE_ID, SIGNER.signature(PRIVATE_ID)), 4020, "is no public id"),
        (BROWSER, receiver(FOREIGN_ID, SIGNER.signature(FOREIGN_ID)), 4020, "is no public id"),
        (UNSIGNED_BROWSER, receiver(PRIVATE_ID), 4020, "is no public id"),
        (BROWSER, receiver(PUBLIC_ID), 4021, "has no signature"),
        (BROWSER, receiver(PUBLIC_ID, "ff"), 4021, "has a wrong signature"),
        (
            BROWSER,
            receiver(PUBLIC_ID, Signer("other").signature(f"public:{PUBLIC_ID}")),
            4021,
            "wrong signature",
        ),
        (BROWSER, receiver(PUBLIC_ID, SIGNER.signature(f"public:{FOREIGN_ID}")), 4021, "wrong signature"),
        (
            BROWSER,
            receiver(PUBLIC_ID, Signer("key", "sha256").signature(f"public:{PUBLIC_ID}")),
            4021,
            "wrong signature",
        ),
        (UNSIGNED_BROWSER, receiver(PUBLIC_ID, "ff"), 4021, "no signature key"),
        (BACKEND, receiver(PUBLIC_ID, "ff"), 4021, "wrong signature"),
        (UNSIGNED_BACKEND, receiver(PUBLIC_ID, "ff"), 4021, "no signature key"),
    ],
)
def test_others_are_refused_with_the_documented_code(
    receivers: Receivers, named: Channel, code: int, problem: str
) -> None:
    with pytest.raises(PublishRefusedError, match=problem) as refusal:
        receivers.channel_of(named)
    assert refusal.value.close_code == code
    assert named.id.hex() not in str(refusal.value) or not named.id
    assert len(str(refusal.value)) <= 123


BOTH_IDS = f"{PRIVATE_ID}:{PUBLIC_ID}"


@pytest.mark.parametrize(
    ("receivers", "text", "channel"),
    [
        (BROWSER, SIGNER.sign_public(PUBLIC_ID), PUBLIC_ID),
        (UNSIGNED_BROWSER, PUBLIC_ID, PUBLIC_ID),
        (BACKEND, PUBLIC_ID, PUBLIC_ID),
        (BACKEND, SIGNER.sign_public(PUBLIC_ID), PUBLIC_ID),
        (BACKEND, SIGNER.sign(PRIVATE_ID), PRIVATE_ID),
        (BACKEND, SIGNER.sign(BOTH_IDS), PRIVATE_ID),
        (BACKEND, BOTH_IDS, PRIVATE_ID),
        (UNSIGNED_BACKEND, BOTH_IDS, PRIVATE_ID),
    ],
)
def test_receivers_written_as_text_are_read(receivers: Receivers, text: str, channel: str) -> None:
    assert receivers.channel_of_text(text) == channel


@pytest.mark.parametrize("receivers", [BROWSER, BACKEND])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 4019),
        (5, 4019),
        (None, 4019),
        ("x", 4019),
        (PUBLIC_ID.upper(), 4019),
        (f"{PUBLIC_ID}/{PRIVATE_ID}", 4019),
        (f"{PUBLIC_ID}.fff", 4021),
    ],
)
def test_text_that_names_no_receiver_is_refused(receivers: Receivers, text: object, code: int) -> None:
    with pytest.raises(PublishRefusedError) as refusal:
        receivers.channel_of_text(text)
    assert refusal.value.close_code == code


@pytest.mark.parametrize(
    ("receivers", "text", "code"),
    [
        (BROWSER, SIGNER.sign(BOTH_IDS), 4020),
        (BROWSER, SIGNER.sign(PRIVATE_ID), 4020),
        (BACKEND, Signer("other").sign(BOTH_IDS), 4021),
        (BACKEND, f"{BOTH_IDS}.{SIGNER.signature(PRIVATE_ID)}", 4021),
        (UNSIGNED_BACKEND, SIGNER.sign(BOTH_IDS), 4021),
    ],
)
def test_a_private_id_in_text_is_for_back_ends_and_its_signature_must_be_right(
    receivers: Receivers, text: str, code: int
) -> None:
    with pytest.raises(PublishRefusedError) as refusal:
        receivers.channel_of_text(text)
    assert refusal.value.close_code == code
    assert PRIVATE_ID not in str(refusal.value)
