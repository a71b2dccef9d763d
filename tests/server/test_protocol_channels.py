"""bxpull_server.protocol.channels."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import ChannelError, SignatureError
from bxpull_server.protocol.channels import ChannelRef, Signer, known_algorithm, parse_channel_list

A, B, P = "a" * 32, "b" * 32, "0" * 32
ids = st.text("0123456789abcdef", min_size=32, max_size=32)
signatures = st.none() | st.text("0123456789abcdef", min_size=1, max_size=128)
refs = st.builds(ChannelRef, ids, st.none() | ids, signatures)


def written(ref: ChannelRef) -> str:
    return ref.signed_value + (f".{ref.signature}" if ref.signature is not None else "")


@given(st.lists(refs, min_size=1, max_size=20, unique_by=lambda ref: ref.id))
def test_a_written_list_parses_back(wanted: list[ChannelRef]) -> None:
    assert parse_channel_list("/".join(map(written, wanted))) == tuple(wanted)


@given(st.text())
def test_any_text_parses_or_is_refused_without_repeating_it(text: str) -> None:
    problem = ""
    try:
        parse_channel_list(text)
    except ChannelError as error:
        problem = str(error)
    assert len(text) < 20 or text not in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "CHANNEL_ID is missing or empty"),
        (f"{A}//{B}", "segment 2 of CHANNEL_ID is empty"),
        (f"{A}/", "segment 2 of CHANNEL_ID is empty"),
        (A[1:], "segment 1 of CHANNEL_ID is not a channel id"),
        (A.upper(), "segment 1 of CHANNEL_ID is not a channel id"),
        (f"{A}\n", "segment 1 of CHANNEL_ID is not a channel id"),
        (f"{A}:", "segment 1 of CHANNEL_ID is not a channel id"),
        (f"{A}:{P[1:]}", "segment 1 of CHANNEL_ID is not a channel id"),
        (f"{A}.", "segment 1 of CHANNEL_ID has a malformed signature"),
        (f"{A}.xyz", "segment 1 of CHANNEL_ID has a malformed signature"),
        (f"{A}/{A}.ff", "twice"),
        ("/".join(f"{n:032x}" for n in range(101)), "at most 100"),
    ],
)
def test_malformed_lists_are_refused_by_name(text: str, problem: str) -> None:
    with pytest.raises(ChannelError, match=problem):
        parse_channel_list(text)


def test_signs_with_hmac_sha1_by_default() -> None:
    expected = hmac.new(b"key", A.encode(), hashlib.sha1).hexdigest()
    assert Signer("key").sign(A) == f"{A}.{expected}"


def test_signs_with_the_algorithm_asked_for() -> None:
    assert Signer("key", "sha256").signature(A) == hmac.new(b"key", A.encode(), hashlib.sha256).hexdigest()


def test_a_public_id_is_signed_as_public() -> None:
    signer = Signer("key")
    assert signer.sign_public(P) == f"{P}.{signer.signature('public:' + P)}"


def test_without_a_key_nothing_is_signed() -> None:
    assert (Signer("").sign(A), Signer("").sign_public(P)) == (A, P)


@given(st.text(max_size=40).filter(bool), ids, st.none() | ids)
def test_what_it_signs_it_accepts(key: str, channel: str, public_id: str | None) -> None:
    signer = Signer(key)
    bare = ChannelRef(channel, public_id)
    (signed,) = parse_channel_list(signer.sign(bare.signed_value))
    signer.check(signed, listening=True)


def test_a_signature_of_another_key_is_refused() -> None:
    (ref,) = parse_channel_list(Signer("other").sign(A))
    with pytest.raises(SignatureError, match="wrong signature"):
        Signer("key").check(ref, listening=False)


def test_a_signature_of_the_bare_id_does_not_cover_a_public_id() -> None:
    signer = Signer("key")
    with pytest.raises(SignatureError, match="wrong signature"):
        signer.check(ChannelRef(A, P, signer.signature(A)), listening=True)


def test_a_public_id_is_no_right_to_listen() -> None:
    signer = Signer("key")
    (ref,) = parse_channel_list(signer.sign_public(P))
    with pytest.raises(SignatureError, match="is a public id, for publishing"):
        signer.check(ref, listening=True)


def test_a_public_id_is_a_right_to_publish() -> None:
    signer = Signer("key")
    (ref,) = parse_channel_list(signer.sign_public(P))
    signer.check(ref, listening=False)
    with pytest.raises(SignatureError, match="wrong signature"):
        signer.check(ChannelRef(P, A, ref.signature), listening=False)


def test_a_missing_signature_is_refused_where_one_is_needed() -> None:
    with pytest.raises(SignatureError, match="has no signature"):
        Signer("key").check(ChannelRef(A), listening=True)
    Signer("key").check(ChannelRef(A), listening=False)
    Signer("").check(ChannelRef(A), listening=True)


def test_a_signature_is_refused_by_a_server_without_a_key() -> None:
    with pytest.raises(SignatureError, match="no signature key"):
        Signer("").check(ChannelRef(A, None, "ff"), listening=False)


@pytest.mark.parametrize(
    ("key", "signature", "required", "problem"),
    [
        ("key", None, True, "the signature is missing"),
        ("key", "", True, "the signature is missing"),
        ("key", "ff", False, "the signature is wrong: send the sha1 HMAC"),
        ("key", "\ud800", False, "the signature is wrong"),
        ("", "ff", False, "no signature key"),
    ],
)
def test_a_body_signed_wrongly_is_refused(
    key: str, signature: str | None, required: bool, problem: str
) -> None:
    with pytest.raises(SignatureError, match=problem):
        Signer(key).check_body(b"body", signature, required=required)


def test_a_body_is_signed_with_the_hmac_over_its_bytes() -> None:
    signature = hmac.new(b"key", b"\xffbody", hashlib.sha1).hexdigest()
    Signer("key").check_body(b"\xffbody", signature, required=True)
    Signer("key").check_body(b"body", None, required=False)
    Signer("").check_body(b"body", None, required=True)


@pytest.mark.parametrize(
    ("name", "known"),
    [("sha1", True), ("sha256", True), ("shake_128", False), ("no-such", False), ("", False)],
)
def test_knows_which_hashes_can_sign(name: str, known: bool) -> None:
    assert known_algorithm(name) is known
