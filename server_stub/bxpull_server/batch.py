"""Messages that go to many connections, encoded once for all of them."""

from collections.abc import Sequence
from struct import Struct
from typing import Any

from websockets.frames import Opcode

from bxpull_server.protocol.codecs import Codec, Frame
from bxpull_server.protocol.messages import Message
from bxpull_server.value import value

BATCH_SIZE = 64 * 1024
# Sizes a frame's head has room for, and heads of those that are longer.
_SHORT, _LONG = 125, 65_535
_LONG_HEAD, _LONGEST_HEAD = Struct("!BBH").pack, Struct("!BBQ").pack


@value
class Packet:
    """What goes to a socket in one write: a WebSocket message with some events in it.

    Attributes:
        data: Its bytes, those of WebSocket's framing among them: a server's are the same for everybody.
        count: How many events are in it.
        mid: Of the last of them.
    """

    data: bytes
    count: int
    mid: str


class Batch:
    """Messages in the order of their mids, at least one.

    Attributes:
        messages: They.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self._frames: dict[str, list[Frame]] = {}
        self._packets: dict[str, list[Packet]] = {}

    def frames(self, codec: Codec[Any]) -> list[Frame]:
        """One for each message."""
        found = self._frames.get(codec.name)
        if found is None:
            found = self._frames[codec.name] = [codec.encode(message) for message in self.messages]
        return found

    def packets(self, codec: Codec[Any]) -> list[Packet]:
        """The same, as few as :data:`BATCH_SIZE` allows."""
        found = self._packets.get(codec.name)
        if found is None:
            found = self._packets[codec.name] = self._pack(codec)
        return found

    def _pack(self, codec: Codec[Any]) -> list[Packet]:
        packets: list[Packet] = []
        part: list[Frame] = []
        size, mid = 0, ""
        for message, frame in zip(self.messages, self.frames(codec), strict=True):
            if part and size + len(frame) > BATCH_SIZE:
                packets.append(_packet(codec, part, mid))
                part, size = [], 0
            part.append(frame)
            size += len(frame)
            mid = message.mid
        packets.append(_packet(codec, part, mid))
        return packets


def _packet(codec: Codec[Any], frames: list[Frame], mid: str) -> Packet:
    message: Frame = codec.join(frames)
    if isinstance(message, str):
        data = _framed(Opcode.TEXT, message.encode())
    else:
        data = _framed(Opcode.BINARY, message)
    return Packet(data, len(frames), mid)


def _framed(kind: Opcode, content: bytes) -> bytes:
    """A whole message in one frame (RFC 6455, 5.2); the library's way looks for more than it can be here."""
    size, final = len(content), 0x80 | kind
    if size <= _SHORT:
        head = bytes((final, size))
    elif size <= _LONG:
        head = _LONG_HEAD(final, 126, size)
    else:
        head = _LONGEST_HEAD(final, 127, size)
    return head + content
