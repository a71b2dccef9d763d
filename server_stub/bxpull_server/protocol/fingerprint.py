"""Names for secrets: a short fingerprint to log instead of a token, channel id or signature."""

_OFFSET = 0x811C9DC5
_PRIME = 0x01000193


def fingerprint(secret: str) -> str:
    """``#`` and 8 lower-case hex digits: FNV-1a, 32 bits, over the UTF-8 bytes (lone surrogates allowed)."""
    value = _OFFSET
    for byte in secret.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return f"#{value:08x}"
