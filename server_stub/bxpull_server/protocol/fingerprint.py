"""Names for secrets: a short fingerprint to log instead of a token, channel id or signature."""

import re
from typing import Any

SECRET = re.compile(r"[0-9a-f]{32,}|eyJ[\w-]+\.[\w-]+\.[\w-]+", re.ASCII | re.IGNORECASE)
"""What channel ids, signatures and tokens look like."""

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193
_SIGNED_ID = re.compile(r"([0-9a-f]{32})([.:].*)?", re.ASCII | re.IGNORECASE | re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def fingerprint(secret: str) -> str:
    """``#`` and 8 lower-case hex digits: FNV-1a, 32 bits, over the UTF-8 bytes.

    An id has the same one signed and bare, with its public id or without; the client shows the same one.
    """
    signed = _SIGNED_ID.fullmatch(secret)
    named = signed[1].lower() if signed else secret
    value = _OFFSET
    # A lone surrogate, which UTF-8 has not, is what browsers make of it.
    for byte in _SURROGATE.sub("\ufffd", named).encode():
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return f"#{value:08x}"


def redacted(value: Any) -> Any:
    """A copy of a value that is JSON, with a fingerprint in the place of whatever looks like a secret."""
    if isinstance(value, str):
        return SECRET.sub(lambda found: fingerprint(found[0]), value)
    if isinstance(value, dict):
        return {redacted(key): redacted(item) for key, item in value.items()}
    return [redacted(item) for item in value] if isinstance(value, list) else value
