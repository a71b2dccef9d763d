"""Text frames, the downstream format of server versions 1 to 3.

A frame is ``#!NGINXNMS!#`` + one JSON record + ``#!NGINXNME!#``; one WebSocket message or HTTP body holds any
number. Shipped clients look for the markers with a single-line pattern, so what would hide a marker is
escaped in the record: raw line breaks, U+2028, U+2029 and the markers themselves.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bxpull_server.protocol.dates import rfc1123
from bxpull_server.protocol.merging import merged_body
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.mids import split_mid

START = "#!NGINXNMS!#"
END = "#!NGINXNME!#"
# Two markers may share a "#": only the first sign of each is matched.
_MARKER = re.compile("#(?=!NGINXNM[SE]!#)")


class TextCodec:
    """Encodes messages as text frames."""

    name = "text"

    def encode(self, message: Message) -> str:
        """One frame."""
        parts = split_mid(message.mid)
        head = (
            f'{{"id":{parts.counter},"mid":"{message.mid}","channel":"{message.channel}",'
            f'"tag":"{parts.tag}","time":"{rfc1123(message.created)}","text":'
        )
        return f"{START}{head}{_on_one_line(merged_body(message))}}}{END}"

    def join(self, frames: Iterable[str]) -> str:
        """One WebSocket message from many frames."""
        return "".join(frames)


def _on_one_line(body: str) -> str:
    if "\u2028" in body or "\u2029" in body:
        body = body.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if "!NGINXNM" in body:
        body = _MARKER.sub(r"\\u0023", body)
    return body


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a WebSocket message held.

    Attributes:
        records: The JSON objects of all sound frames, in order.
        damaged: How many frames were no JSON object or were cut off.
    """

    records: tuple[dict[str, Any], ...]
    damaged: int


def decode_text(payload: str) -> Decoded:
    """Take a WebSocket message of text frames apart; damaged frames cost only themselves."""
    records: list[dict[str, Any]] = []
    damaged = 0
    position = payload.find(START)
    while position >= 0:
        begin = position + len(START)
        end = payload.find(END, begin)
        if end < 0:
            damaged += 1
            break
        try:
            record = json.loads(payload[begin:end])
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            records.append(record)
        else:
            damaged += 1
        position = payload.find(START, end + len(END))
    return Decoded(tuple(records), damaged)
