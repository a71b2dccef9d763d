"""bxpull_server.protocol.close_codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import EventError
from bxpull_server.protocol.close_codes import MAX_REASON_BYTES, CloseCode, check_close_code, close_reason


def test_codes_have_their_documented_numbers() -> None:
    assert [CloseCode(code).name for code in (1001, 3003, 4010, 4029)] == [
        "GOING_AWAY",
        "CONFIG_EXPIRED",
        "WRONG_CHANNEL_ID",
        "TOO_MANY_CONNECTIONS",
    ]


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 1013, 3000, 4999, CloseCode.CONFIG_EXPIRED])
def test_a_server_may_close_with_these(code: int) -> None:
    assert check_close_code(code) == code


@pytest.mark.parametrize("code", [99, 1001.0, 1004, 1005, 1006, 1010, 1014, 2999, 5000, 70_000, True, "1001"])
def test_and_with_no_others(code: object) -> None:
    with pytest.raises(EventError, match=r"code: must be 1000, 1001, .* or from 3000 to 4999, not "):
        check_close_code(code)


def test_a_short_reason_stays() -> None:
    assert close_reason("config expired") == "config expired"


def test_a_long_reason_is_cut_with_an_ellipsis() -> None:
    assert close_reason("x" * 124) == "x" * 120 + "…"


@given(st.text(st.characters(exclude_categories=())))
def test_every_reason_fits_a_close_frame(text: str) -> None:
    assert len(close_reason(text).encode()) <= MAX_REASON_BYTES


def test_a_refusal_repeats_no_long_number() -> None:
    with pytest.raises(EventError) as refused:
        check_close_code(10**4000)
    assert len(str(refused.value)) < 200
