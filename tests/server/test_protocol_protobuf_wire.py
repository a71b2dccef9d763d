"""bxpull_server.protocol.protobuf.wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import FrameError
from bxpull_server.protocol.protobuf.wire import (
    MAX_FIELDS,
    Budget,
    WireType,
    read_fields,
    write_field,
    write_varint,
)

Fields = list[tuple[int, WireType, int | bytes]]
numbers = st.integers(1, 2**29 - 1)
fields = st.lists(
    st.tuples(numbers, st.just(WireType.VARINT), st.integers(0, 2**64 - 1))
    | st.tuples(numbers, st.just(WireType.LENGTH), st.binary())
    | st.tuples(numbers, st.just(WireType.FIXED32), st.binary(min_size=4, max_size=4))
    | st.tuples(numbers, st.just(WireType.FIXED64), st.binary(min_size=8, max_size=8))
)


def read(data: bytes) -> Fields:
    return list(read_fields(data, Budget()))


def written(wanted: Fields) -> bytes:
    return b"".join(write_field(*field) for field in wanted)


@given(fields)
def test_what_is_written_is_read_back(wanted: Fields) -> None:
    assert read(written(wanted)) == wanted


@pytest.mark.parametrize(
    ("value", "raw"),
    [(0, "00"), (127, "7f"), (128, "8001"), (86_400, "80a305"), (2**64 - 1, "ffffffffffffffffff01")],
)
def test_numbers_are_written_as_short_as_possible(value: int, raw: str) -> None:
    assert write_varint(value).hex() == raw


def test_a_number_longer_than_needed_is_read() -> None:
    assert read(bytes.fromhex("08 8080808080808080 8000".replace(" ", ""))) == [(1, WireType.VARINT, 0)]


def test_groups_are_skipped() -> None:
    group = bytes.fromhex("0b0801131005140c")  # group 1 { 1: 1, group 2 { 2: 5 } }
    assert read(group + bytes.fromhex("1807")) == [(3, WireType.VARINT, 7)]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("08", "cut off in the number at byte 1"),
        ("80", "cut off in the number at byte 0"),
        ("0a05ab", "cut off: field 1 at byte 0 ends 4 bytes after it"),
        ("0dabcd", "cut off: field 1 at byte 0 ends 2 bytes after it"),
        ("08010901", "cut off: field 1 at byte 2 ends 7 bytes after it"),
        ("0affffffffffffffffff01", "cut off: field 1"),
        ("08ffffffffffffffffffff01", "starts a number of more than ten bytes"),
        ("0e", "byte 0 of the protobuf frame starts a field of an unknown type"),
        ("080107", "byte 2 of the protobuf frame starts a field of an unknown type"),
        ("0001", "impossible number"),
        ("80808080800001", "impossible number"),
        ("ffffffffff0f01", "unknown type"),
        ("f8ffffffff0f01", "impossible number"),
        ("0b", "group 1 does not end"),
        ("0b0801", "group 1 does not end"),
        ("0c", "ends a group that is not open"),
        ("0b14", "ends a group that is not open"),
    ],
)
def test_damage_is_told_by_its_place_and_never_by_content(raw: str, problem: str) -> None:
    with pytest.raises(FrameError, match=problem):
        read(bytes.fromhex(raw))


def test_the_number_of_fields_is_bounded() -> None:
    assert len(read(b"\x08\x00" * MAX_FIELDS)) == MAX_FIELDS
    with pytest.raises(FrameError, match="more than 100000 fields"):
        read(b"\x08\x00" * (MAX_FIELDS + 1))


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    problem = ""
    try:
        read(data)
    except FrameError as error:
        problem = str(error)
    assert problem.isprintable()


@given(fields, st.data())
def test_a_frame_cut_anywhere_gives_the_whole_fields_before_the_cut(
    wanted: Fields, data: st.DataObject
) -> None:
    raw = written(wanted)
    cut = raw[: data.draw(st.integers(0, len(raw)))]
    found: Fields = []
    try:
        found.extend(read_fields(cut, Budget()))
    except FrameError:
        assert len(cut) < len(raw)
    assert found == wanted[: len(found)]
