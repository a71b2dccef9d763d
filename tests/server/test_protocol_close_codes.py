"""bxpull_server.protocol.close_codes."""

from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.close_codes import MAX_REASON_BYTES, CloseCode, close_reason


def test_codes_have_their_documented_numbers() -> None:
    assert [CloseCode(code).name for code in (1001, 3003, 4010, 4029)] == [
        "GOING_AWAY",
        "CONFIG_EXPIRED",
        "WRONG_CHANNEL_ID",
        "TOO_MANY_CONNECTIONS",
    ]


def test_a_short_reason_stays() -> None:
    assert close_reason("config expired") == "config expired"


def test_a_long_reason_is_cut_with_an_ellipsis() -> None:
    assert close_reason("x" * 124) == "x" * 120 + "…"


@given(st.text(st.characters(exclude_categories=())))
def test_every_reason_fits_a_close_frame(text: str) -> None:
    assert len(close_reason(text).encode()) <= MAX_REASON_BYTES
