"""bxpull_server.protocol.fingerprint."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.fingerprint import fingerprint

# The client's tests read the same file.
KNOWN = json.loads((Path(__file__).parents[2] / "client/tests/fingerprints.json").read_text("utf-8"))
HEX = st.text("0123456789abcdef", min_size=32, max_size=32)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [("", "#811c9dc5"), ("a", "#e40c292c"), ("foobar", "#bf9cf968"), ("ж", "#99c37b3b")],
)
def test_is_fnv1a_of_the_utf8_bytes(secret: str, expected: str) -> None:
    assert fingerprint(secret) == expected


@pytest.mark.parametrize(("secret", "expected"), KNOWN)
def test_is_the_one_that_the_client_shows(secret: str, expected: str) -> None:
    assert fingerprint(secret) == expected


@given(HEX, HEX, HEX)
def test_is_the_same_for_an_id_whatever_is_signed_along_with_it(
    channel: str, public: str, signature: str
) -> None:
    for signed in (f"{channel}.{signature}", f"{channel}:{public}", f"{channel}:{public}.{signature}"):
        assert fingerprint(signed) == fingerprint(channel)
    assert fingerprint(channel) != fingerprint(f"x{channel}.{signature}")


@given(st.text(st.characters(exclude_categories=())))
def test_always_is_a_hash_sign_and_eight_hex_digits(secret: str) -> None:
    assert re.fullmatch("#[0-9a-f]{8}", fingerprint(secret))
