"""bxpull_server.protocol.text."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.events import make_event
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.text import END, START, TextCodec, decode_text

CODEC = TextCodec()
# What shipped clients look for: a pattern whose dot stops at every line break JavaScript knows.
SHIPPED = re.compile(f"{START}([^\n\r\u2028\u2029]*?){END}")
awkward = st.lists(
    st.sampled_from(
        [
            START,
            END,
            START[1:],
            END[1:],
            "\u2028",
            "\u2029",
            "\n",
            "\r",
            "\ud800",
            "\0",
            '"',
            "\\",
            "x",
            "ж",
            "😀",
        ]
    )
).map("".join)
params = st.dictionaries(awkward, awkward, max_size=4)


def message(body: str, mid: str = "17900724380000000151759042") -> Message:
    return Message(mid, "a" * 32, body, 1790072438)


def test_a_frame_is_exactly_the_protocols() -> None:
    assert CODEC.encode(message('{"module_id":"m"}')) == (
        f'#!NGINXNMS!#{{"id":151759042,"mid":"17900724380000000151759042","channel":"{"a" * 32}",'
        '"tag":"042","time":"Tue, 22 Sep 2026 10:20:38 GMT","text":{"module_id":"m"}}#!NGINXNME!#'
    )


@given(st.lists(params, max_size=5))
def test_frames_come_back_whole_and_in_order(batch: list[dict[str, str]]) -> None:
    bodies = [make_event("m", "c", item, {}) for item in batch]
    payload = CODEC.join(CODEC.encode(message(body)) for body in bodies)
    payload.encode("utf-8")
    decoded = decode_text(payload)
    assert [record["text"] for record in decoded.records] == [json.loads(body) for body in bodies]
    assert decoded.damaged == 0


@given(params)
def test_shipped_clients_find_every_frame(item: dict[str, str]) -> None:
    body = make_event("m", "c", item, {})
    frame = CODEC.encode(message(body))
    assert (frame.count(START), frame.count(END)) == (1, 1)
    (found,) = SHIPPED.findall(frame)
    assert json.loads(found)["text"]["params"] == (item or {})


@pytest.mark.parametrize(
    "damage",
    [f"{START}not json{END}", f"{START}[1]{END}", f"{START}{'[' * 100_000}{END}", f"{START}{END}", "noise"],
)
def test_a_damaged_frame_costs_only_itself(damage: str) -> None:
    good = CODEC.encode(message('{"module_id":"m"}'))
    decoded = decode_text(good + damage + good)
    assert len(decoded.records) == 2
    assert decoded.damaged == (damage != "noise")


def test_a_frame_cut_at_its_end_leaves_the_one_behind_it_alone() -> None:
    good = CODEC.encode(message('{"module_id":"m"}'))
    for cut in range(len(START), len(good) - 1):
        decoded = decode_text(good[:cut] + good)
        assert (len(decoded.records), decoded.damaged) == (1, 1)


def test_a_frame_cut_at_its_end_yields_nothing() -> None:
    good = CODEC.encode(message('{"module_id":"m"}'))
    decoded = decode_text(good + good[:-1])
    assert (len(decoded.records), decoded.damaged) == (1, 1)


@given(st.text(st.characters(exclude_categories=())) | awkward)
def test_any_text_decodes_to_something(payload: Any) -> None:
    decode_text(payload)
