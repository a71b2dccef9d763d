"""bxpull_server.protocol.mids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.mids import NS_PER_S, MidSource, counter_of, is_mid, seconds_of, tag_of

NOW_NS = 1_790_072_438 * NS_PER_S + 151_759_000


def test_is_the_second_and_a_counter_from_the_nanosecond() -> None:
    assert MidSource().next(NOW_NS) == "17900724380000000151759000"


def test_grows_while_the_clock_stands_still() -> None:
    source = MidSource()
    assert [int(source.next(NOW_NS)) - 17900724380000000151759000 for _ in range(3)] == [0, 1, 2]


def test_goes_on_above_its_predecessor_within_the_same_second() -> None:
    old = MidSource()
    last = [old.next(NOW_NS) for _ in range(100)][-1]
    assert MidSource().next(NOW_NS + 1000) > last


@given(st.lists(st.integers(0, 9_999_999_999 * NS_PER_S - 1), min_size=1, max_size=50))
def test_strictly_grows_whatever_the_clock_does(moments: list[int]) -> None:
    source = MidSource()
    mids = [source.next(moment) for moment in moments]
    assert mids == sorted(set(mids))
    assert all(is_mid(mid) for mid in mids)


@pytest.mark.parametrize("text", ["", "1" * 25, "1" * 27, "a" * 26, "\u0661" * 26, "1" * 26 + "\n"])
def test_other_texts_are_no_mids(text: str) -> None:
    assert not is_mid(text)


def test_splits_into_seconds_counter_and_tag() -> None:
    mid = "17104941040000039740714326"
    assert (seconds_of(mid), counter_of(mid), tag_of(mid)) == (1710494104, 39740714326, "326")
