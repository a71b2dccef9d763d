"""bxpull_server.protocol.fingerprint."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.fingerprint import fingerprint


@pytest.mark.parametrize(
    ("secret", "expected"),
    [("", "#811c9dc5"), ("a", "#e40c292c"), ("foobar", "#bf9cf968"), ("ж", "#99c37b3b")],
)
def test_is_fnv1a_of_the_utf8_bytes(secret: str, expected: str) -> None:
    assert fingerprint(secret) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_always_is_a_hash_sign_and_eight_hex_digits(secret: str) -> None:
    assert re.fullmatch("#[0-9a-f]{8}", fingerprint(secret))
