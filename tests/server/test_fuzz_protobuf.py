"""Damaged protobuf: refused with a sentence or read, never anything else."""

import base64
import json
from functools import partial

import pytest

from bxpull_server.errors import FrameError
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.messages import Sender as SenderType
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.frames import DecodedFrame, ProtobufCodec, decode_frame
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    ChannelStats,
    ChannelStatsRequest,
    ChannelStatsResponse,
    IncomingMessage,
    IncomingMessagesRequest,
    JsonResponse,
    OutgoingMessage,
    Request,
    RequestBatch,
    Response,
    ResponseBatch,
    Sender,
    ServerStatsRequest,
)
from bxpull_server.protocol.protobuf.wire import MAX_FIELDS, WireType, write_field
from tests.server.fuzzing import CASES, SECRETS, decode_all, mutations

EVENT = '{"module_id":"test","command":"check","params":{"text":"\\u00e4\\ud83d\\ude00"},"extra":{}}'
CHANNELS = tuple(Channel(bytes.fromhex(one), True, bytes.fromhex(one[:8] * 5)) for one in SECRETS)
LIVE = base64.b64decode(
    "CrsDCrgDCrUDCg0XEElBBAAAA5dAcUMmEpYDeyJtb2R1bGVfaWQiOiJhcHBsaWNhdGlvbiIsImNvbW1hbmQiOiJsYWJfcHJvYmUiLCJwYXJh"
    "bXMiOnsibGFiIjp7ImlkIjoiYzhhMWJiZTMtOGM4Ni03YWMwLWFmZDEtYTM2MmRkNDAwMTAxIiwiZnJvbSI6InF6NGs5IiwiZnJvbUNvZGVj"
    "IjoidmVuZG9yZWQiLCJ0byI6bnVsbCwic2VxIjoxNiwic2VudEF0IjoxNzkwMDcyNDM3NzMxLCJwYXlsb2FkIjp7InByb2JlIjoic2hhcmVk"
    "IiwiYXQiOjE3OTAwNzI0Mzc3MzF9fX0sImV4dHJhIjp7InNlcnZlcl90aW1lIjoiMjAyNi0wOS0yMlQxMzoyMDozOCswMzowMCIsInNlcnZl"
    "cl90aW1lX3VuaXgiOjE3OTAwNzI0MzguMTUxNzU5LCJzZXJ2ZXJfbmFtZSI6ImIyNC1zYW1wbGUuYml0cml4MjQucnUiLCJyZXZpc2lvbl93"
    "ZWIiOjE5LCJyZXZpc2lvbl9tb2JpbGUiOjN9fRiAowUldlayaioCCAI="
)
"""Recorded on a portal."""
REQUESTS = [
    encode(RequestBatch(requests))
    for requests in (
        (Request(IncomingMessagesRequest((IncomingMessage(CHANNELS, Sender(), EVENT, 0, "chat"),) * 3)),),
        (Request(channel_stats=ChannelStatsRequest(CHANNELS)), Request(server_stats=ServerStatsRequest())),
    )
]
GOOD = ProtobufCodec().encode(Message("1" * 26, "0" * 32, EVENT, created=1, expiry=2))
RESPONSES = [
    LIVE,
    GOOD,
    GOOD + LIVE + GOOD,
    encode(
        ResponseBatch(
            (
                Response(channel_stats=ChannelStatsResponse((ChannelStats(bytes(16), True, True),))),
                Response(server_stats=JsonResponse("{}")),
            )
        )
    ),
]
# Tags with every wire type, lengths that lead behind the end, and the longest number.
TOKENS = [bytes([n << 3 | kind]) for n in (1, 2, 15) for kind in range(8)] + [
    b"\xff" * 9 + b"\x01",
    b"\xff\x7f",
]


@pytest.mark.parametrize(
    ("kind", "inputs"), [(RequestBatch, REQUESTS), (ResponseBatch, RESPONSES)], ids=["requests", "responses"]
)
def test_a_batch_is_read_or_refused(kind: type, inputs: list[bytes]) -> None:
    def check(data: bytes, batch: object) -> None:
        # What was understood can be said again, in no more bytes.
        again = encode(batch)
        assert len(again) <= len(data)
        assert decode(kind, again) == batch

    assert decode_all(partial(decode, kind), mutations(inputs, TOKENS), FrameError, check)


def test_a_frame_is_always_read_and_has_only_sound_messages() -> None:
    def check(_data: bytes, frame: DecodedFrame) -> None:
        for message in frame.messages:
            assert message.sender is not None
            assert isinstance(json.loads(message.body), dict)

    assert decode_all(decode_frame, mutations(RESPONSES, TOKENS), check=check) == CASES


@pytest.mark.parametrize("around", [0, 1, 2], ids=["message", "outgoingMessages", "response"])
def test_a_damaged_part_costs_only_itself(around: int) -> None:
    sound = OutgoingMessage(mid_to_bytes("2" * 26), EVENT, 1, 2, Sender(SenderType.BACKEND))
    part = encode(sound)
    for _ in range(around):
        part = field_of(part)
    for damaged in mutations([part], TOKENS):
        frame = field_of(damaged) + field_of(part)
        for _ in range(2 - around):
            frame = field_of(frame)
        # The one behind the damage is there, and so is the same again.
        assert decode_frame(frame + frame).messages.count(sound) >= 2


def field_of(data: bytes) -> bytes:
    """The data as the first field of a message, as every way to the messages of a batch is."""
    return write_field(1, WireType.LENGTH, data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x0a\x00" * 30_000, id="empty messages"),
        pytest.param(b"\x0b" * 60_000, id="groups in groups"),
        pytest.param(b"\x0b\x0c" * 30_000, id="groups"),
        pytest.param(b"\x78\x00" * 30_000, id="unknown fields"),
        pytest.param(b"\xff" * 60_000, id="a number without an end"),
        pytest.param(b"\x0a\xff\xff\xff\xff\x0f" + b"x" * 60_000, id="cut off"),
        pytest.param(
            field_of(field_of(b"\x0a\x00" * 10_000)),
            id="empty events",
        ),
    ],
)
def test_a_large_hostile_frame_is_read_or_refused_within_bounds(data: bytes) -> None:
    for kind in (RequestBatch, ResponseBatch):
        decode_all(partial(decode, kind), [data], FrameError)
    decode_all(decode_frame, [data])


def test_more_fields_than_any_batch_has_are_refused() -> None:
    with pytest.raises(FrameError, match=f"more than {MAX_FIELDS} fields"):
        decode(RequestBatch, b"\x0a\x00" * (MAX_FIELDS + 1))
