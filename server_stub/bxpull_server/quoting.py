"""What peers have sent, as sentences may repeat it."""

_CHARS = 60


def quoted(text: str) -> str:
    """The text in quotes, what is no plain character escaped; the end of a long one is left out."""
    return repr(text if len(text) <= _CHARS else text[: _CHARS - 1] + "…")
