"""WebSocket's framing of what a server sends (RFC 6455, 5.2): the same bytes for everybody, never masked."""

from struct import Struct

from websockets.frames import Opcode

from bxpull_server.protocol.codecs import Frame

# Sizes a frame's head has room for, and heads of those that are longer.
_SHORT, _LONG = 125, 65_535
_FINAL = 0x80
_TEXT, _BINARY = _FINAL | Opcode.TEXT, _FINAL | Opcode.BINARY
_LONG_HEAD, _LONGEST_HEAD = Struct("!BBH").pack, Struct("!BBQ").pack


def framed(message: Frame) -> bytes:
    """A message in one frame; the library's way looks for more than it can be here."""
    content, kind = (message.encode(), _TEXT) if isinstance(message, str) else (message, _BINARY)
    size = len(content)
    if size <= _SHORT:
        head = bytes((kind, size))
    elif size <= _LONG:
        head = _LONG_HEAD(kind, 126, size)
    else:
        head = _LONGEST_HEAD(kind, 127, size)
    return head + content
