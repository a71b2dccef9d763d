"""bxpull_server.protocol.protobuf.frames."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.protocol.messages import MAX_EXPIRY_S, Message, Sender
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.frames import ProtobufCodec, decode_frame
from bxpull_server.protocol.protobuf.schema import (
    OutgoingMessage,
    OutgoingMessagesResponse,
    Response,
    ResponseBatch,
)
from bxpull_server.protocol.protobuf.schema import Sender as SenderMessage
from bxpull_server.protocol.protobuf.wire import WireType, write_field

CODEC = ProtobufCodec()
MID = "17104941040000039740714326"
GOOD = OutgoingMessage(bytes.fromhex(MID), '{"module_id":"m"}', 60, 1, SenderMessage(Sender.BACKEND))


def message(body: str = '{"module_id":"m"}', **values: Any) -> Message:
    return Message(MID, "a" * 32, body, 1_790_072_438, **values)


def batch(*messages: OutgoingMessage) -> bytes:
    return encode(ResponseBatch((Response(OutgoingMessagesResponse(messages)),)))


def around(raw: bytes) -> bytes:
    """A batch whose only message has these bytes."""
    for _ in range(3):
        raw = write_field(1, WireType.LENGTH, raw)
    return raw


def test_a_frame_is_a_whole_batch_with_the_events_mid_and_sender() -> None:
    frame = decode(ResponseBatch, CODEC.encode(message(sender=Sender.CLIENT, expiry=60)))
    outgoing = OutgoingMessage(
        bytes.fromhex(MID), '{"module_id":"m"}', 60, 1_790_072_438, SenderMessage(Sender.CLIENT)
    )
    assert frame == ResponseBatch((Response(OutgoingMessagesResponse((outgoing,))),))


def test_additions_are_merged_into_the_body() -> None:
    frame = CODEC.encode(
        message('{"module_id":"m","params":{"a":1}}', dictionary='{"b":2}', user_params='{"c":3}')
    )
    (found,) = decode_frame(frame).messages
    assert json.loads(found.body)["params"] == {"a": 1, "b": 2, "c": 3}


@given(
    mid=st.from_regex("[0-9]{26}", fullmatch=True) | st.just(""),
    body=st.text(max_size=300),
    created=st.integers(0, 2**32 - 1),
    expiry=st.integers(0, MAX_EXPIRY_S),
    sender=st.sampled_from(Sender),
)
def test_a_frame_is_what_its_schema_says(
    mid: str, body: str, created: int, expiry: int, sender: Sender
) -> None:
    outgoing = OutgoingMessage(bytes.fromhex(mid), body, expiry, created, SenderMessage(sender))
    frame = CODEC.encode(Message(mid, "a" * 32, body, created, expiry, sender))
    assert decode(ResponseBatch, frame) == decode(ResponseBatch, batch(outgoing))


@given(st.lists(st.text(), max_size=5))
def test_frames_come_back_whole_and_in_order(texts: list[str]) -> None:
    bodies = [json.dumps({"module_id": text}) for text in texts]
    decoded = decode_frame(CODEC.join(CODEC.encode(message(body)) for body in bodies))
    assert [found.body for found in decoded.messages] == bodies
    assert decoded.damaged == 0


@pytest.mark.parametrize(
    "damage",
    [
        around(encode(GOOD)[:-1]),
        batch(OutgoingMessage(GOOD.id, GOOD.body, 60, 1)),
        batch(OutgoingMessage(GOOD.id, "not json", 60, 1, GOOD.sender)),
        batch(OutgoingMessage(GOOD.id, "[1]", 60, 1, GOOD.sender)),
        batch(OutgoingMessage(GOOD.id, "[" * 100_000, 60, 1, GOOD.sender)),
        batch(OutgoingMessage()),
        around(b"\x12\x01\xff"),
    ],
)
def test_a_damaged_message_costs_only_itself(damage: bytes) -> None:
    decoded = decode_frame(batch(GOOD) + damage + batch(GOOD))
    assert decoded.messages == (GOOD, GOOD)
    assert decoded.damaged == 1


def test_a_response_cut_inside_costs_what_follows_in_it_and_no_more() -> None:
    inner = encode(OutgoingMessagesResponse((GOOD, GOOD)))[:-1]
    raw = write_field(1, WireType.LENGTH, write_field(1, WireType.LENGTH, inner))
    decoded = decode_frame(raw + batch(GOOD))
    assert decoded.messages == (GOOD, GOOD)
    assert decoded.damaged == 1


def test_a_frame_cut_at_its_end_yields_nothing() -> None:
    decoded = decode_frame(batch(GOOD)[:-1])
    assert (decoded.messages, decoded.damaged) == ((), 1)


def test_answers_that_are_no_messages_are_left_out() -> None:
    raw = encode(ResponseBatch((Response(),))) + write_field(1, WireType.VARINT, 3) + batch(GOOD)
    assert decode_frame(raw).messages == (GOOD,)


@given(st.binary())
def test_any_bytes_decode_to_something(payload: bytes) -> None:
    decoded = decode_frame(payload + batch(GOOD))
    assert len(decoded.messages) + decoded.damaged >= 0
