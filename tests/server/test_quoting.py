"""bxpull_server.quoting: what peers sent is repeated in part, and no secret in it."""

import pytest

from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.quoting import quoted

ID = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://a.example", "'http://a.example'"),
        ("a\r\nb'\x00", '"a\\r\\nb\'\\x00"'),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 59 + "…")),
        (f"http://{ID}.example", f"'http://{fingerprint(ID)}.example'"),
        (f"htCHANNEL_ID={ID}:{ID[::-1]}", f"'htCHANNEL_ID={fingerprint(ID)}:{fingerprint(ID[::-1])}'"),
        (f"null{ID.upper()}", f"'null{fingerprint(ID.upper())}'"),
        ("x" * 40 + ID, f"'{'x' * 40}{fingerprint(ID)}'"),
        ("token=eyJhbGciOi.eyJqdGkiOi.c2ln", f"'token={fingerprint('eyJhbGciOi.eyJqdGkiOi.c2ln')}'"),
    ],
    ids=["plain", "escaped", "just", "long", "an id", "two", "capitals", "at the end", "a token"],
)
def test_what_a_peer_sent_is_repeated_without_secrets(text: str, shown: str) -> None:
    assert quoted(text) == shown
