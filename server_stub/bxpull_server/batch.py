"""Messages that go to many connections, encoded once for all of them."""

from collections.abc import Sequence
from typing import Any

from bxpull_server.protocol.codecs import Codec, Frame
from bxpull_server.protocol.framing import framed
from bxpull_server.protocol.messages import Message
from bxpull_server.value import value

BATCH_SIZE = 64 * 1024


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

    __slots__ = ("_frames", "_packets", "messages")

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
            messages = self.messages
            found = self._packets[codec.name] = (
                self._pack(codec)
                if len(messages) > 1
                else [Packet(framed(codec.encode(messages[0])), 1, messages[0].mid)]
            )
        return found

    def _pack(self, codec: Codec[Any]) -> list[Packet]:
        packets: list[Packet] = []
        part: list[Frame] = []
        size, mid = 0, ""
        for message, frame in zip(self.messages, self.frames(codec), strict=True):
            if part and size + len(frame) > BATCH_SIZE:
                packets.append(Packet(framed(codec.join(part)), len(part), mid))
                part, size = [], 0
            part.append(frame)
            size += len(frame)
            mid = message.mid
        packets.append(Packet(framed(codec.join(part)), len(part), mid))
        return packets
