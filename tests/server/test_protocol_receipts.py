"""bxpull_server.protocol.receipts: what is picked out, and that nothing else is lost or changed."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.utils import apply_mask

from bxpull_server.protocol.receipts import ReceiptReader, acknowledged_mid, is_receipt

if TYPE_CHECKING:
    from random import Random

MID = "17104941040000039740714326"
ACK, PONG = f"mack:{MID}", "pong"
# Always the same, so that frames are.
MASK = b"mask"


def frame(content: str | bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    whole = Frame(opcode, data, fin=fin).serialize(mask=False)
    head = whole[: len(whole) - len(data)]
    return head[:1] + bytes((head[1] | 0x80,)) + head[2:] + MASK + apply_mask(data, MASK)


OTHERS = [
    frame('{"jsonrpc":"2.0","method":"ping","id":1}'),
    frame("x" * 31),
    frame("mack:" + "x" * 26),
    frame("mack:" + "\u0661" * 13),
    frame("ping"),
    frame(b"\xff\xfe\xfd\xfc"),
    frame(b"", Opcode.TEXT),
    frame(b"b" * 200, Opcode.BINARY),
    frame(b"b" * 70_000, Opcode.BINARY),
    frame(b"hello", Opcode.PING),
    frame(b"hello", Opcode.PONG),
    frame(b"", Opcode.PING),
    frame("parts", fin=False) + frame(b"between", Opcode.PING) + frame(" of it", Opcode.CONT),
]
RECEIPTS = [frame(ACK), frame(PONG)]
EMPTY_PONG = frame(b"", Opcode.PONG)
PIECES = st.lists(st.sampled_from(RECEIPTS * 4 + [EMPTY_PONG] * 4 + OTHERS), max_size=12)


def read(reader: ReceiptReader, data: bytes, *, pick: bool = True) -> tuple[list[str], bytes]:
    return reader.read(data, pick=pick)


@pytest.mark.parametrize(
    ("text", "mid"),
    [
        (ACK, MID),
        ("mack:", None),
        ("mack:1", None),
        (MID, None),
        (f"{ACK} ", None),
        (f"{ACK}\n", None),
        ("pong", None),
    ],
)
def test_acknowledgements_are_recognised(text: str, mid: str | None) -> None:
    assert acknowledged_mid(text) == mid
    assert is_receipt(text) == (mid is not None or text == PONG)


def test_receipts_are_picked_out() -> None:
    assert read(ReceiptReader(), frame(ACK) + frame(PONG) + frame(ACK)) == ([ACK, PONG, ACK], b"")


@pytest.mark.parametrize("other", OTHERS, ids=range(len(OTHERS)))
def test_what_is_none_is_left_with_all_behind_it(other: bytes) -> None:
    reader = ReceiptReader()
    rest = other + frame(ACK)
    assert read(reader, frame(PONG) + rest) == ([PONG], rest)
    assert read(reader, frame(ACK)) == ([ACK], b"")


def test_none_is_picked_while_something_before_it_waits() -> None:
    reader = ReceiptReader()
    assert read(reader, frame(ACK), pick=False) == ([], frame(ACK))
    assert read(reader, frame(ACK)) == ([ACK], b"")


@pytest.mark.parametrize("pick", [True, False])
def test_empty_pongs_are_dropped_whether_receipts_are_picked_or_not(pick: bool) -> None:
    reader = ReceiptReader()
    other = OTHERS[0]
    assert read(reader, EMPTY_PONG * 2 + other + EMPTY_PONG, pick=pick) == ([], other + EMPTY_PONG)
    for part in (EMPTY_PONG[:1], EMPTY_PONG[1:3], EMPTY_PONG[3:]):
        assert read(reader, part, pick=pick) == ([], b"")


@given(pieces=PIECES, cuts=st.lists(st.integers(0, 80_000), max_size=40), random=st.randoms())
def test_however_it_is_cut_nothing_is_lost_or_changed_and_frames_stay_whole(
    pieces: list[bytes], cuts: list[int], random: Random
) -> None:
    data = b"".join(pieces)
    reader = ReceiptReader()
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    rest, picked = b"", 0
    for begin, end in pairwise(places):
        found, left = read(reader, data[begin:end], pick=random.random() < 0.8)
        assert all(map(is_receipt, found))
        picked += len(found)
        rest += left
    ends = read(reader, b"", pick=False)[1]
    rest = (rest + ends).replace(EMPTY_PONG, b"")
    pieces = [piece for piece in pieces if piece != EMPTY_PONG]
    wanted = [piece for piece in pieces if piece not in RECEIPTS]
    left_over = [piece for piece in RECEIPTS for _ in range(rest.count(piece))]
    assert len(rest) == sum(map(len, wanted)) + sum(map(len, left_over))
    assert picked + len(left_over) == len(pieces) - len(wanted)
    for piece in RECEIPTS:
        rest = rest.replace(piece, b"")
    assert rest == b"".join(wanted)


def test_one_that_comes_byte_by_byte_is_picked_out() -> None:
    reader = ReceiptReader()
    found = [read(reader, bytes((byte,))) for byte in frame(ACK) + frame(PONG)]
    assert [texts for texts, _ in found if texts] == [[ACK], [PONG]]
    assert not any(rest for _, rest in found)


@pytest.mark.parametrize("size", [1, 2, 20])
def test_what_was_held_back_is_not_lost_when_it_is_none(size: int) -> None:
    reader = ReceiptReader()
    other = frame("x" * 31)
    assert read(reader, other[:size]) == ([], b"")
    assert read(reader, other[size:]) == ([], other)


@pytest.mark.parametrize(
    "before",
    [
        frame("parts", fin=False),
        frame(b"", Opcode.CLOSE),
        frame(b"b" * 70_000, Opcode.BINARY)[:1],
        frame(b"b" * 70_000, Opcode.BINARY)[:5],
        frame(b"b" * 70_000, Opcode.BINARY)[:100],
        frame(b"b" * 200, Opcode.BINARY)[:3],
    ],
    ids=["fragments", "close", "1 byte", "5 bytes", "100 bytes", "3 bytes"],
)
def test_what_is_in_or_behind_another_is_the_parser_s(before: bytes) -> None:
    reader = ReceiptReader()
    left = read(reader, before)[1] + read(reader, frame(ACK))[1]
    assert left == before + frame(ACK)
