"""What peers have sent, as sentences may repeat it."""

import re

from bxpull_server.protocol.fingerprint import fingerprint

_CHARS = 60
# Channel ids, signatures and tokens, wherever a peer has put them.
_SECRET = re.compile(r"[0-9a-f]{32,}|eyJ[\w-]+\.[\w.-]+", re.ASCII | re.IGNORECASE)


def quoted(text: str) -> str:
    """The text in quotes, what is no plain character escaped; the end of a long one is left out.

    In the place of what may be a secret there is a fingerprint.
    """
    shown = _SECRET.sub(lambda found: fingerprint(found[0]), text)
    return repr(shown if len(shown) <= _CHARS else shown[: _CHARS - 1] + "…")
