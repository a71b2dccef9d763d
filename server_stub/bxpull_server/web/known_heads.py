"""Heads of back ends' requests, read without a parser: they differ in little but the channel.

Reading a head costs more than all that is done with a short event. Header lines that were read once, and
whose request went the short way (:mod:`bxpull_server.web.express`), mean the same the next time. A request
line is taken only if there is one way to read it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bxpull_server.value import value
from bxpull_server.web.newest import Newest

_LINE = re.compile(rb"POST (/bitrix/[a-z]+/)(?:\?([A-Za-z0-9_=&.:/%~+-]{0,512}))? HTTP/1\.1")
_END = b"\r\n\r\n"
_BREAK = b"\r\n"
# Longer ones are not worth their memory.
_LONGEST = 1024
_MOST = 512
_MOST_LINES = 8192


@dataclass(frozen=True, slots=True)
class Lines:
    """What header lines say.

    Attributes:
        headers: By lower-case name.
        length: Bytes of the body.
        keep_alive: Whether the connection stays open afterwards.
    """

    headers: Mapping[str, str] = field(repr=False)
    length: int
    keep_alive: bool


@value
class RequestLine:
    """What a request line says.

    Attributes:
        path: As it was sent.
        query: As it was sent, without its question mark.
    """

    path: bytes
    query: str = field(repr=False)


@value
class KnownRequest:
    """A whole request.

    Attributes:
        line: The first line of the head.
        lines: The rest of the head.
        body: Its body.
    """

    line: RequestLine
    lines: Lines
    body: bytes = field(repr=False)


class KnownHeads:
    """Remembers the newest header lines."""

    def __init__(self) -> None:
        self._blocks = Newest[bytes, Lines](_MOST)
        self._lines = Newest[bytes, RequestLine](_MOST_LINES)

    def find(self, data: bytes) -> KnownRequest | None:
        """What a request says; None: its head is not known, or this is not just one whole request."""
        line_end = data.find(_BREAK)
        head_end = data.find(_END, line_end)
        lines = self._blocks.get(data[line_end:head_end]) if head_end >= 0 else None
        if lines is None or len(data) != head_end + len(_END) + lines.length:
            return None
        line = self._lines.get(data[:line_end]) or self._read_line(data[:line_end])
        return None if line is None else KnownRequest(line, lines, data[head_end + len(_END) :])

    def learn(self, data: bytes, lines: Lines) -> None:
        """Remember the header lines of this request, which were read like this."""
        line_end, head_end = data.find(_BREAK), data.find(_END)
        if not _LINE.fullmatch(data, 0, line_end) or len(data) != head_end + len(_END) + lines.length:
            return
        block = data[line_end:head_end]
        breaks = block.count(_BREAK)
        if len(block) > _LONGEST or not breaks == block.count(b"\r") == block.count(b"\n"):
            return  # whoever reads line breaks otherwise may see another head in it
        self._blocks[block] = lines

    def _read_line(self, text: bytes) -> RequestLine | None:
        found = _LINE.fullmatch(text)
        if found is None:
            return None
        line = self._lines[text] = RequestLine(found[1], (found[2] or b"").decode("ascii"))
        return line
