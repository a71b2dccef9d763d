"""Receipts of JSON-RPC clients: ``mack:<mid>`` for an event, ``pong`` for a heartbeat.

There is one for every event and subscriber, and nothing is to be answered. So they are picked out of the
bytes that come, without a WebSocket parser, which costs more than all that is done with one; and so are the
answers of all clients to a server's empty pings, which say nothing but that they are there.
"""

import re

from websockets.utils import apply_mask

from bxpull_server.protocol.framing import (
    BEGINNING,
    EMPTY_PONG_BEGINNING,
    MASK_SIZE,
    FrameFollower,
    short_text_beginning,
)
from bxpull_server.protocol.jsonrpc import PONG
from bxpull_server.protocol.mids import MID_DIGITS

_ACKNOWLEDGED = "mack:"
_SIZES = (len(_ACKNOWLEDGED) + MID_DIGITS, len(PONG))
LONGEST_RECEIPT = max(_SIZES)
_TEXT = re.compile(rf"{_ACKNOWLEDGED}([0-9]{{{MID_DIGITS}}})|{PONG}")
# By what each begins with: how long it is as a whole.
_EMPTY_PONG_SIZE = BEGINNING + MASK_SIZE
_EMPTY_PONG = {EMPTY_PONG_BEGINNING: _EMPTY_PONG_SIZE}
_FRAMES = {short_text_beginning(size): BEGINNING + MASK_SIZE + size for size in _SIZES} | _EMPTY_PONG
_FIRST_BYTES = (short_text_beginning(0)[:1], EMPTY_PONG_BEGINNING[:1])


def is_receipt(text: str) -> bool:
    """Whether the text is one."""
    return _TEXT.fullmatch(text) is not None


def acknowledged_mid(text: str) -> str | None:
    """The mid in a plain ``mack:<mid>``; None if the text is something else."""
    found = _TEXT.fullmatch(text)
    return found and found[1]


class ReceiptReader:
    """Picks receipts and empty pongs out of what an open WebSocket brings, and leaves the rest to a parser.

    It has to see all bytes from the first after the handshake on.
    """

    __slots__ = ("_held", "_others")

    def __init__(self) -> None:
        # The beginning of what may be picked.
        self._held = b""
        self._others = FrameFollower()

    def read(self, data: bytes, *, pick: bool) -> tuple[list[str], bytes]:
        """Read what came.

        Args:
            data: It.
            pick: Pick receipts, too; False: there are none, or something before them is not dealt with yet.

        Returns:
            The receipts it begins with, and the rest, for the parser.
        """
        if self._held:
            data, self._held = self._held + data, b""
        receipts: list[str] = []
        begin = 0
        if self._others.is_between_messages:
            frames = _FRAMES if pick else _EMPTY_PONG
            while size := frames.get(data[begin : begin + BEGINNING]):
                if len(data) - begin < size:
                    self._held = data[begin:]
                    return receipts, b""
                if size != _EMPTY_PONG_SIZE:
                    receipt = _receipt(data[begin + BEGINNING : begin + size])
                    if receipt is None:
                        break
                    receipts.append(receipt)
                begin += size
            if data[begin:] in _FIRST_BYTES:
                self._held = data[begin:]
                return receipts, b""
        rest = data[begin:] if begin else data
        if rest:
            self._others.follow(rest)
        return receipts, rest


def _receipt(masked: bytes) -> str | None:
    """The text in a frame, from its mask on, if it is a receipt."""
    text = apply_mask(masked[MASK_SIZE:], masked[:MASK_SIZE]).decode("latin-1")  # a receipt has digits only
    return text if is_receipt(text) else None
