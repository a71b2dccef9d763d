"""The two date formats of the protocol, always UTC."""

from datetime import UTC, datetime
from email.utils import formatdate
from functools import lru_cache


# Events of one second have one date, and writing it costs as much as the rest of a frame.
@lru_cache(maxsize=1024)
def rfc1123(unix_s: float) -> str:
    """``Sun, 22 Nov 2026 10:00:00 GMT``, as in text frames and HTTP headers."""
    return formatdate(unix_s, usegmt=True)


def iso8601(unix_s: float) -> str:
    """``2026-11-22T10:00:00+00:00``, as in configs and in an event's ``extra``."""
    return datetime.fromtimestamp(int(unix_s), UTC).isoformat(timespec="seconds")
