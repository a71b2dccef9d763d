"""bxpull_server.protocol.dates."""

from bxpull_server.protocol.dates import iso8601, rfc1123


def test_rfc1123_is_in_gmt() -> None:
    assert rfc1123(1795341600) == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_iso8601_has_whole_seconds_and_an_offset() -> None:
    assert iso8601(1795341600.987) == "2026-11-22T10:00:00+00:00"
