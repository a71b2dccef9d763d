"""Sound and damaged frames of every wire format, made by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    OutgoingMessage,
    OutgoingMessagesResponse,
    Response,
    ResponseBatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Frame = str | bytes


def body(number: int) -> str:
    """The event ``test``/``check`` with this id in its params."""
    return json.dumps({"module_id": "test", "command": "check", "params": {"id": number}})


class _Numbered:
    """Makes messages with the ids that follow one of the server's.

    Args:
        after: The id of the newest message so far.
    """

    def __init__(self, after: str) -> None:
        self._after = int(after)

    def _mid(self, number: int) -> str:
        return f"{self._after + number:026d}"

    def _message(self, number: int, text: str) -> Message:
        return Message(mid=self._mid(number), channel="0" * 32, body=text, created=1)


class TextFrames(_Numbered):
    """Of server versions 1 to 3."""

    def event(self, number: int) -> str:
        """A sound message."""
        return self._frame(json.loads(body(number)), number)

    def damaged(self) -> dict[str, Frame]:
        """Messages that cannot be read, by what is wrong with them."""
        return {
            "no markers": "no frame at all",
            "not JSON": "#!NGINXNMS!#{'id': 1}#!NGINXNME!#",
            "not a record": "#!NGINXNMS!#[1, 2]#!NGINXNME!#",
            "cut off": self.event(9)[:60],
            "no module": self._frame({"command": "check", "params": {}}, 9),
            "no event": self._frame("check", 9),
        }

    def mixed(self) -> Frame:
        """Sound messages 1, 2 and 4 in one frame, damaged ones between."""
        return "".join(
            [
                self.event(1),
                "#!NGINXNMS!#{,}#!NGINXNME!#",
                self.event(2),
                self._frame({}, 3),
                self.event(4),
            ]
        )

    def _frame(self, text: object, number: int) -> str:
        record = {"id": number, "mid": self._mid(number), "channel": "0" * 32, "text": text}
        return f"#!NGINXNMS!#{json.dumps(record)}#!NGINXNME!#"


class ProtobufFrames(_Numbered):
    """Of server version 4."""

    def event(self, number: int) -> bytes:
        """A sound message."""
        return PROTOBUF.encode(self._message(number, body(number)))

    def damaged(self) -> dict[str, Frame]:
        """Messages that cannot be read, by what is wrong with them."""
        return {
            "no protobuf": b"\xff\xff\xff",
            "cut off": self.event(9)[:40],
            "no sender": self._frame(OutgoingMessage(id=bytes.fromhex(self._mid(9)), body=body(9))),
            "body not JSON": PROTOBUF.encode(self._message(9, "{")),
            "body not an object": PROTOBUF.encode(self._message(9, "[1]")),
            "no module": PROTOBUF.encode(self._message(9, '{"command":"check"}')),
        }

    def mixed(self) -> Frame:
        """Sound messages 1, 2 and 4 in one frame, damaged ones between."""
        cut_inside = b"\x0a\x04\x0a\x02\x0a\x09"  # a message said to be longer than what it is in
        return b"".join(
            [
                self.event(1),
                cut_inside,
                self.event(2),
                PROTOBUF.encode(self._message(3, "{}")),
                self.event(4),
            ]
        )

    def _frame(self, message: OutgoingMessage) -> bytes:
        batch = OutgoingMessagesResponse(messages=(message,))
        return encode(ResponseBatch(responses=(Response(outgoing_messages=batch),)))


class JsonRpcFrames(_Numbered):
    """Of server version 5."""

    def event(self, number: int) -> str:
        """A sound message."""
        return JSON_RPC.encode(self._message(number, body(number)))

    def damaged(self) -> dict[str, Frame]:
        """Messages that cannot be read, by what is wrong with them."""
        return {
            "not JSON": "{",
            "not an object": "[1]",
            "cut off": self.event(9)[:40],
            "no params": '{"jsonrpc":"2.0","method":"incoming.message"}',
            "body not an object": self._frame(9, "check"),
            "no module": self._frame(9, {"command": "check"}),
        }

    def mixed(self) -> Frame:
        """Sound messages 1, 2 and 4 in one frame, damaged ones between."""
        parts = [self.event(1), "7", self.event(2), self._frame(3, {}), self.event(4)]
        return f"[{','.join(parts)}]"

    def _frame(self, number: int, event: object) -> str:
        params = {"mid": self._mid(number), "body": event, "sender": {"type": int(Sender.BACKEND)}}
        return json.dumps({"jsonrpc": "2.0", "method": "incoming.message", "params": params})


FRAMES: dict[str, Callable[[str], TextFrames | ProtobufFrames | JsonRpcFrames]] = {
    "text": TextFrames,
    "protobuf": ProtobufFrames,
    "json-rpc": JsonRpcFrames,
}
