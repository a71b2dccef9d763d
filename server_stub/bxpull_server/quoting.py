"""What peers have sent, as sentences may repeat it."""

from bxpull_server.protocol.fingerprint import SECRET, fingerprint

_CHARS = 60


def quoted(text: str) -> str:
    """The text in quotes, what is no plain character escaped; the end of a long one is left out.

    In the place of what may be a secret there is a fingerprint.
    """
    shown = SECRET.sub(lambda found: fingerprint(found[0]), text)
    return repr(shown if len(shown) <= _CHARS else shown[: _CHARS - 1] + "…")
