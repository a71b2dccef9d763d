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
from bxpull_server.protocol.mids import counter_of, tag_of

START = "#!NGINXNMS!#"
END = "#!NGINXNME!#"
# Two markers may share a "#": each leaves its last one to the marker behind it.
_MARKERS = re.compile("#!NGINXNM(?:(S)|E)!(?=#)")
_MARKER_SIGN = re.compile("#(?=!NGINXNM[SE]!#)")


class TextCodec:
    """Encodes messages as text frames."""

    name = "text"

    def encode(self, message: Message) -> str:
        """One frame."""
        number, tag = 0, ""
        if message.mid:
            number, tag = counter_of(message.mid), tag_of(message.mid)
        head = (
            f'{{"id":{number},"mid":"{message.mid}","channel":"{message.channel}",'
            f'"tag":"{tag}","time":"{rfc1123(message.created)}","text":'
        )
        return f"{START}{head}{_on_one_line(merged_body(message))}}}{END}"

    def join(self, frames: Iterable[str]) -> str:
        """One WebSocket message from many frames."""
        return "".join(frames)


def _on_one_line(body: str) -> str:
    if "\u2028" in body or "\u2029" in body:
        body = body.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    if "!NGINXNM" in body:
        body = _MARKER_SIGN.sub(r"\\u0023", body)
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
    begin: int | None = None
    for marker in _MARKERS.finditer(payload):
        if marker[1]:
            # Encoders escape markers inside a record: the one before was cut off, if it was one at all.
            damaged += begin is not None and begin <= marker.start()
            begin = marker.end() + 1
        elif begin is not None:
            record = _record(payload[begin : marker.start()])
            if record is None:
                damaged += 1
            else:
                records.append(record)
            begin = None
    return Decoded(tuple(records), damaged + (begin is not None))


def _record(text: str) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
