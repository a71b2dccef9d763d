"""Frames for subscribers: every frame is a whole ``ResponseBatch``, and so is any number of them together."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bxpull_server.errors import FrameError
from bxpull_server.protocol.merging import merged_body
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.fields import declared_fields
from bxpull_server.protocol.protobuf.schema import OutgoingMessage
from bxpull_server.protocol.protobuf.schema import Sender as SenderMessage
from bxpull_server.protocol.protobuf.wire import (
    Budget,
    WireType,
    read_fields,
    write_field,
    write_tag,
    write_varint,
)

# ResponseBatch.responses, Response.outgoing_messages and OutgoingMessagesResponse.messages
_WAY_TO_MESSAGES = (1, 1, 1)
_U32 = 2**32 - 1
_OUTER_TAGS = [write_tag(number, WireType.LENGTH) for number in reversed(_WAY_TO_MESSAGES)]
_NUMBERS = {name: declared.number for name, declared in declared_fields(OutgoingMessage)}
_ID_TAG = write_tag(_NUMBERS["id"], WireType.LENGTH)
_BODY_TAG = write_tag(_NUMBERS["body"], WireType.LENGTH)
_EXPIRY_TAG = write_tag(_NUMBERS["expiry"], WireType.VARINT)
_CREATED_TAG = write_tag(_NUMBERS["created"], WireType.FIXED32)
_SENDERS = {
    kind: write_field(_NUMBERS["sender"], WireType.LENGTH, encode(SenderMessage(kind))) for kind in Sender
}


class ProtobufCodec:
    """Encodes messages as protobuf frames."""

    name = "protobuf"

    def encode(self, message: Message) -> bytes:
        """One frame."""
        # What encode(ResponseBatch(...)) makes of it, in a tenth of the time.
        mid, body = mid_to_bytes(message.mid), merged_body(message).encode()
        frame = b"%s%s%s%s%s%s%s%s%s" % (
            _ID_TAG + write_varint(len(mid)) if mid else b"",
            mid,
            _BODY_TAG,
            write_varint(len(body)),
            body,
            _EXPIRY_TAG + write_varint(message.expiry) if message.expiry else b"",
            _CREATED_TAG,
            (message.created & _U32).to_bytes(4, "little"),
            _SENDERS[message.sender],
        )
        for tag in _OUTER_TAGS:
            frame = b"%s%s%s" % (tag, write_varint(len(frame)), frame)
        return frame

    def join(self, frames: Iterable[bytes]) -> bytes:
        """One WebSocket message from many frames: repeated fields of batches one after another are merged."""
        return b"".join(frames)


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """What a binary WebSocket message held.

    Attributes:
        messages: All sound messages, in order.
        damaged: How many were cut off, without a sender, or with a body that is no JSON object.
    """

    messages: tuple[OutgoingMessage, ...]
    damaged: int


def decode_frame(payload: bytes) -> DecodedFrame:
    """Take a binary WebSocket message apart; damaged messages cost only themselves."""
    messages: list[OutgoingMessage] = []
    damaged = 0
    for raw in _messages(payload, _WAY_TO_MESSAGES):
        message = None if raw is None else _sound_message(raw)
        if message is None:
            damaged += 1
        else:
            messages.append(message)
    return DecodedFrame(tuple(messages), damaged)


def _messages(data: bytes, way: tuple[int, ...]) -> Iterator[bytes | None]:
    """The bytes of every message ``way`` leads to; None where what follows cannot be read."""
    if not way:
        yield data
        return
    try:
        for number, wire_type, raw in read_fields(data, Budget()):
            if number == way[0] and wire_type is WireType.LENGTH and isinstance(raw, bytes):
                yield from _messages(raw, way[1:])
    except FrameError:
        yield None


def _sound_message(raw: bytes) -> OutgoingMessage | None:
    try:
        message = decode(OutgoingMessage, raw)
        event = json.loads(message.body)
    except (FrameError, ValueError, RecursionError):
        return None
    return message if message.sender is not None and isinstance(event, dict) else None
