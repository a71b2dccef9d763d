"""WebSocket's framing (RFC 6455, 5.2): frames of a server, and where those of a client begin."""

from struct import Struct

from websockets.frames import Opcode

from bxpull_server.protocol.codecs import Frame

MASK_SIZE = 4
_FINAL, _MASKED = 0x80, 0x80
_OPCODE, _LENGTH = 0x0F, 0x7F
_TEXT, _BINARY = _FINAL | Opcode.TEXT, _FINAL | Opcode.BINARY
# What each frame begins with: what it is, and how long, or that its length follows in so many bytes.
BEGINNING = 2
_LONG, _LONGEST = 126, 127
_LENGTH_SIZES = {_LONG: 2, _LONGEST: 8}
_LONG_HEAD, _LONGEST_HEAD = Struct("!BBH").pack, Struct("!BBQ").pack
_MOST = BEGINNING + _LENGTH_SIZES[_LONGEST] + MASK_SIZE
# A server's ping that says nothing, and what the answer of a client begins with; its mask follows.
EMPTY_PING = bytes((_FINAL | Opcode.PING, 0))
EMPTY_PONG_BEGINNING = bytes((_FINAL | Opcode.PONG, _MASKED))


def framed(message: Frame) -> bytes:
    """A message of a server in one frame: never masked, so the same bytes for everybody.

    The library's way looks for more than it can be here.
    """
    content, kind = (message.encode(), _TEXT) if isinstance(message, str) else (message, _BINARY)
    size = len(content)
    if size < _LONG:
        head = bytes((kind, size))
    elif size <= 0xFFFF:
        head = _LONG_HEAD(kind, _LONG, size)
    else:
        head = _LONGEST_HEAD(kind, _LONGEST, size)
    return head + content


def short_text_beginning(size: int) -> bytes:
    """What a client's text of so few bytes begins with; its mask follows, and the text."""
    return bytes((_TEXT, _MASKED | size))


class FrameFollower:
    """Knows where frames begin, from all bytes that came since the handshake."""

    __slots__ = ("_ended", "_fragmented", "_head", "_left")

    def __init__(self) -> None:
        # Of the last frame: its head as far as it came, if not wholly; bytes of the rest that are to come.
        self._head = b""
        self._left = 0
        self._fragmented = self._ended = False

    @property
    def is_between_messages(self) -> bool:
        """Whether the next byte begins a message; after a close frame none does."""
        return not (self._left or self._head or self._fragmented or self._ended)

    def follow(self, data: bytes) -> None:
        """These bytes came."""
        begin = min(self._left, len(data))
        self._left -= begin
        while begin < len(data):
            before = len(self._head)
            head = self._head + data[begin : begin + _MOST - before]
            size = _head_size(head)
            if len(head) < size:
                self._head = head
                return
            self._head = b""
            begin += size - before
            opcode, length = head[0] & _OPCODE, head[1] & _LENGTH
            if length in _LENGTH_SIZES:
                length = int.from_bytes(head[BEGINNING : BEGINNING + _LENGTH_SIZES[length]])
            if opcode <= Opcode.BINARY:
                self._fragmented = not head[0] & _FINAL
            self._ended = self._ended or opcode == Opcode.CLOSE
            come = min(length, len(data) - begin)
            begin += come
            self._left = length - come


def _head_size(head: bytes) -> int:
    """Of a frame that begins with this; of less than :data:`BEGINNING` bytes: at least."""
    if len(head) < BEGINNING:
        return BEGINNING
    mask = MASK_SIZE if head[1] & _MASKED else 0
    return BEGINNING + _LENGTH_SIZES.get(head[1] & _LENGTH, 0) + mask
