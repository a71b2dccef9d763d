"""bxpull_server.protocol.protobuf: messages and coding, against recorded frames and the protocol."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import FrameError
from bxpull_server.protocol.messages import Sender as SenderType
from bxpull_server.protocol.protobuf import schema
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.fields import Declared, Scalar, declared_fields
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    ChannelStatsRequest,
    IncomingMessage,
    IncomingMessagesRequest,
    OutgoingMessage,
    OutgoingMessagesResponse,
    Request,
    RequestBatch,
    Response,
    ResponseBatch,
    Sender,
    ServerStatsRequest,
)
from bxpull_server.protocol.protobuf.wire import MAX_FIELDS, WireType, write_field

# One frame of a live server, version 4.
LIVE = base64.b64decode(
    "CrsDCrgDCrUDCg0XEElBBAAAA5dAcUMmEpYDeyJtb2R1bGVfaWQiOiJhcHBsaWNhdGlvbiIsImNvbW1hbmQiOiJsYWJfcHJvYmUiLCJw"
    "YXJhbXMiOnsibGFiIjp7ImlkIjoiYzhhMWJiZTMtOGM4Ni03YWMwLWFmZDEtYTM2MmRkNDAwMTAxIiwiZnJvbSI6InF6NGs5IiwiZnJv"
    "bUNvZGVjIjoidmVuZG9yZWQiLCJ0byI6bnVsbCwic2VxIjoxNiwic2VudEF0IjoxNzkwMDcyNDM3NzMxLCJwYXlsb2FkIjp7InByb2Jl"
    "Ijoic2hhcmVkIiwiYXQiOjE3OTAwNzI0Mzc3MzF9fX0sImV4dHJhIjp7InNlcnZlcl90aW1lIjoiMjAyNi0wOS0yMlQxMzoyMDozOCsw"
    "MzowMCIsInNlcnZlcl90aW1lX3VuaXgiOjE3OTAwNzI0MzguMTUxNzU5LCJzZXJ2ZXJfbmFtZSI6ImIyNC1zYW1wbGUuYml0cml4MjQu"
    "cnUiLCJyZXZpc2lvbl93ZWIiOjE5LCJyZXZpc2lvbl9tb2JpbGUiOjN9fRiAowUldlayaioCCAI="
)
# What a shipped client sends for sendMessage() to one user with an expiry of 60, and to two users without.
ONE = bytes.fromhex(
    "0a6c0a6a0a680a280a10c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a3a7b226d"
    "6f64756c655f6964223a2274657374222c22636f6d6d616e64223a2268656c6c6f222c22706172616d73223a7b2266726f6d223a31"
    "7d7d203c"
)
TWO = bytes.fromhex(
    "0a9a010a97010a94010a280a10e9a41cd380ef658e193630ed5e1781071a1406b2cf7786c6a70c44655b2e858adfc7ab7fb22e0a28"
    "0a100cbde79c233db51522d181efd4bec6ba1a14a109bfec5fb5b4f92be93371f4a4eee272791aeb1a3c7b226d6f64756c655f6964"
    "223a2274657374222c22636f6d6d616e64223a2268656c6c6f222c22706172616d73223a7b22746f223a2274776f227d7d2000"
)


def test_the_live_frame_is_one_event_and_encodes_back_byte_for_byte() -> None:
    (response,) = decode(ResponseBatch, LIVE).responses
    assert response.outgoing_messages is not None
    (message,) = response.outgoing_messages.messages
    event = json.loads(message.body)
    assert (event["module_id"], event["command"]) == ("application", "lab_probe")
    assert message.id.hex() == "17104941040000039740714326"
    assert (message.sender, message.expiry) == (Sender(SenderType.BACKEND), 86_400)
    assert message.created == int(event["extra"]["server_time_unix"])
    assert encode(decode(ResponseBatch, LIVE)) == LIVE


@pytest.mark.parametrize(("frame", "receivers", "expiry"), [(ONE, 1, 60), (TWO, 2, 0)])
def test_frames_of_a_shipped_client_are_read_and_encode_back_byte_for_byte(
    frame: bytes, receivers: int, expiry: int
) -> None:
    (request,) = decode(RequestBatch, frame).requests
    assert request.incoming_messages is not None
    (message,) = request.incoming_messages.messages
    assert json.loads(message.body)["command"] == "hello"
    assert [(len(r.id), r.is_private, len(r.signature)) for r in message.receivers] == [
        (16, False, 20)
    ] * receivers
    assert message.expiry == expiry
    assert encode(decode(RequestBatch, frame)) == frame


@pytest.mark.parametrize(
    ("message", "raw"),
    [
        (Channel(b"\x01", True, b"\x02"), "0a0101 1001 1a0102"),
        (Channel(), ""),
        (IncomingMessage(expiry=0), "2000"),
        (IncomingMessage(type="t"), "2a0174"),
        (IncomingMessage((Channel(),), Sender()), "0a00 1200"),
        (Request(server_stats=ServerStatsRequest()), "1a00"),
        (Request(channel_stats=ChannelStatsRequest((Channel(b"\x01"),))), "1205 0a03 0a0101"),
        (OutgoingMessage(b"", "", 0, 1, Sender(SenderType.CLIENT, b"\x07")), "2501000000 2a05 0801 120107"),
        (schema.ChannelStats(b"\x01", False, True), "0a0101 1801"),
        (Response(server_stats=schema.JsonResponse("{}")), "1a04 0a027b7d"),
        (Response(channel_stats=schema.ChannelStatsResponse()), "1200"),
    ],
)
def test_fields_are_written_in_order_and_defaults_left_out(message: Any, raw: str) -> None:
    assert encode(message) == bytes.fromhex(raw)
    assert decode(type(message), bytes.fromhex(raw)) == message


MESSAGES = [
    kind for kind in vars(schema).values() if isinstance(kind, type) and kind.__module__ == schema.__name__
]
scalars: dict[type, st.SearchStrategy[Any]] = {
    bytes: st.binary(max_size=40),
    str: st.text(max_size=20),
    bool: st.booleans(),
    int: st.integers(0, 2**32 - 1),
    SenderType: st.sampled_from(SenderType),
}


def values_of(declared: Declared) -> st.SearchStrategy[Any]:
    if isinstance(declared.kind, Scalar):
        values = scalars[type(declared.kind.default)]
    else:
        values = messages_of(declared.kind)
    if declared.repeated:
        return st.lists(values, max_size=3).map(tuple)
    return st.none() | values if declared.absent is None else values


def messages_of(kind: type) -> st.SearchStrategy[Any]:
    """Any message of this type; of the fields of a oneof at most one."""
    values = {name: values_of(declared) for name, declared in declared_fields(kind)}
    if any(declared.oneof for _, declared in declared_fields(kind)):
        return st.one_of(*(st.builds(kind, **{name: value}) for name, value in values.items()))
    return st.builds(kind, **values)


@given(st.sampled_from(MESSAGES).flatmap(messages_of))
def test_every_message_is_read_back_and_has_one_form(message: Any) -> None:
    raw = encode(message)
    again = decode(type(message), raw)
    assert again == message
    assert encode(again) == raw


def in_any_order(data: st.DataObject, pieces: list[bytes]) -> bytes:
    return b"".join(data.draw(st.permutations(pieces)))


@given(messages_of(OutgoingMessage), st.data())
def test_order_and_unknown_fields_change_nothing(message: OutgoingMessage, data: st.DataObject) -> None:
    pieces = [
        encode(OutgoingMessage(**{name: getattr(message, name)}))
        for name, _ in declared_fields(OutgoingMessage)
    ]
    unknown = [
        write_field(9, WireType.VARINT, 5),
        write_field(2000, WireType.LENGTH, b"from the future"),
        write_field(10, WireType.FIXED64, bytes(8)),
    ]
    assert decode(OutgoingMessage, in_any_order(data, pieces + unknown)) == message


def test_a_known_field_of_another_wire_type_is_skipped() -> None:
    raw = write_field(3, WireType.LENGTH, b"x") + write_field(1, WireType.VARINT, 7)
    assert decode(OutgoingMessage, raw) == OutgoingMessage()
    assert decode(RequestBatch, write_field(1, WireType.VARINT, 7)) == RequestBatch()


def test_an_unknown_sender_type_counts_as_absent() -> None:
    assert decode(Sender, write_field(1, WireType.VARINT, 7)) == Sender(SenderType.UNKNOWN)


def test_of_a_scalar_the_last_one_counts_and_nested_messages_merge() -> None:
    twice = encode(OutgoingMessage(b"1", sender=Sender(SenderType.CLIENT))) + encode(
        OutgoingMessage(b"2", sender=Sender(id=b"x"))
    )
    assert decode(OutgoingMessage, twice) == OutgoingMessage(b"2", sender=Sender(SenderType.CLIENT, b"x"))


def test_of_the_commands_of_a_request_the_last_one_counts() -> None:
    one = IncomingMessage(body="1")
    publish = encode(Request(IncomingMessagesRequest((one,))))
    statistics = encode(Request(server_stats=ServerStatsRequest()))
    assert decode(Request, publish + statistics) == Request(server_stats=ServerStatsRequest())
    assert decode(Request, statistics + publish + publish) == Request(IncomingMessagesRequest((one, one)))


def test_batches_one_after_another_are_one_batch() -> None:
    def batch(mid: int) -> ResponseBatch:
        return ResponseBatch((Response(OutgoingMessagesResponse((OutgoingMessage(bytes([mid])),))),))

    both = decode(ResponseBatch, encode(batch(1)) + encode(batch(2)))
    assert both == ResponseBatch(batch(1).responses + batch(2).responses)


def test_numbers_are_cut_to_32_bits() -> None:
    assert decode(OutgoingMessage, write_field(3, WireType.VARINT, 2**32 + 5)).expiry == 5
    assert encode(OutgoingMessage(created=2**32 + 5)) == bytes.fromhex("2505000000")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (LIVE[:-1], "cut off"),
        (bytes.fromhex("0a07 0a05 0a03 1a01ff"), "a text in the protobuf frame is not UTF-8"),
        (b"\x0a\x02\x0a\x00" * (MAX_FIELDS // 2 + 1), "more than 100000 fields"),
    ],
)
def test_damage_is_refused_without_content(raw: bytes, problem: str) -> None:
    with pytest.raises(FrameError, match=problem):
        decode(RequestBatch, raw)


def mutated(frame: bytes) -> st.SearchStrategy[bytes]:
    """The frame with some bytes changed, removed and added."""

    def change(edits: list[tuple[int, int, bytes]]) -> bytes:
        raw = bytearray(frame)
        for start, length, new in edits:
            raw[start : start + length] = new
        return bytes(raw)

    edit = st.tuples(st.integers(0, len(frame)), st.integers(0, 4), st.binary(max_size=4))
    return st.lists(edit, min_size=1, max_size=4).map(change)


def check_mutated(kind: type[Any], raw: bytes) -> None:
    try:
        message = decode(kind, raw)
    except FrameError:
        return
    assert decode(kind, encode(message)) == message


@given(mutated(TWO))
def test_a_mutated_request_is_read_or_refused(raw: bytes) -> None:
    check_mutated(RequestBatch, raw)


@given(mutated(LIVE))
def test_a_mutated_response_is_read_or_refused(raw: bytes) -> None:
    check_mutated(ResponseBatch, raw)


def test_ids_and_signatures_are_not_shown() -> None:
    shown = repr(decode(RequestBatch, ONE))
    assert "\\xc6D" not in shown
    assert "\\xc0!" not in shown
    assert "hello" in shown
