"""Receipts of JSON-RPC clients: ``mack:<mid>`` for an event, ``pong`` for a heartbeat.

There is one for every event and subscriber, and nothing is to be answered. So they are picked out of the
bytes that come, without a WebSocket parser, which costs more than all that is done with one.
"""

import re

from websockets.frames import Opcode
from websockets.utils import apply_mask

from bxpull_server.protocol.jsonrpc import ACKNOWLEDGED, PONG
from bxpull_server.protocol.mids import MID_DIGITS

_FINAL, _MASKED = 0x80, 0x80
_OPCODE, _LENGTH = 0x0F, 0x7F
# Bytes of a frame's head before its mask, by the lengths that say that a longer one follows (RFC 6455, 5.2).
_BEGINNING, _MASK = 2, 4
_LONGER = {126: 2, 127: 8}
_LONGEST_HEAD = 14
_SIZES = (len(ACKNOWLEDGED) + MID_DIGITS, len(PONG))
LONGEST_RECEIPT = max(_SIZES)
_TEXT = re.compile(rf"{ACKNOWLEDGED}[0-9]{{{MID_DIGITS}}}|{PONG}".encode())
# What each begins with, and how long it is as a whole.
_RECEIPTS = {bytes((_FINAL | Opcode.TEXT, _MASKED | size)): _BEGINNING + _MASK + size for size in _SIZES}
_FIRST = bytes((_FINAL | Opcode.TEXT,))


class ReceiptReader:
    """Picks receipts out of what an open WebSocket brings, and leaves the rest to a parser.

    It has to see all bytes from the first after the handshake on: it must know where frames begin.
    """

    __slots__ = ("_ended", "_fragmented", "_head", "_held", "_left")

    def __init__(self) -> None:
        # The beginning of what may be a receipt; of the frame that the parser has, the head as far as it
        # came, and how much of the rest is to come.
        self._held = self._head = b""
        self._left = 0
        self._fragmented = self._ended = False

    def read(self, data: bytes, *, pick: bool) -> tuple[list[str], bytes]:
        """Read what came.

        Args:
            data: It.
            pick: Pick receipts out of it; False: something before them is not dealt with yet.

        Returns:
            The receipts it begins with, and the rest, for the parser.
        """
        if self._held:
            data, self._held = self._held + data, b""
        receipts: list[str] = []
        begin = 0
        if pick and not (self._left or self._head or self._fragmented or self._ended):
            while size := _RECEIPTS.get(data[begin : begin + _BEGINNING]):
                if len(data) - begin < size:
                    self._held = data[begin:]
                    return receipts, b""
                receipt = _receipt(data[begin + _BEGINNING : begin + size])
                if receipt is None:
                    break
                receipts.append(receipt)
                begin += size
            if data[begin:] == _FIRST:
                self._held = _FIRST
                return receipts, b""
        rest = data[begin:] if begin else data
        if rest:
            self._follow(rest)
        return receipts, rest

    def _follow(self, data: bytes) -> None:
        """See where the last frame ends that the parser gets."""
        begin = min(self._left, len(data))
        self._left -= begin
        while begin < len(data):
            before = len(self._head)
            head = self._head + data[begin : begin + _LONGEST_HEAD - before]
            size = _head_size(head)
            if len(head) < size:
                self._head = head
                return
            self._head = b""
            begin += size - before
            kind, length = head[0], head[1] & _LENGTH
            if length in _LONGER:
                length = int.from_bytes(head[_BEGINNING : _BEGINNING + _LONGER[length]])
            if kind & _OPCODE <= Opcode.BINARY:
                self._fragmented = not kind & _FINAL
            self._ended = self._ended or kind & _OPCODE == Opcode.CLOSE
            come = min(length, len(data) - begin)
            begin += come
            self._left = length - come


def _head_size(head: bytes) -> int:
    """Of a frame that begins with this; of less than two bytes: at least."""
    if len(head) < _BEGINNING:
        return _BEGINNING
    mask = _MASK if head[1] & _MASKED else 0
    return _BEGINNING + _LONGER.get(head[1] & _LENGTH, 0) + mask


def _receipt(masked: bytes) -> str | None:
    """The text in a frame, from its mask on, if it is a receipt."""
    content = apply_mask(masked[_MASK:], masked[:_MASK])
    return content.decode("ascii") if _TEXT.fullmatch(content) else None
