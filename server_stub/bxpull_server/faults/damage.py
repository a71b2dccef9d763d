"""What faults do to messages: taken apart, shuffled, doubled, cut, with garbage between; pure functions."""

from random import Random
from string import ascii_lowercase

from bxpull_server.errors import FrameError
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT, AnyCodec, Frame
from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.protobuf.wire import Budget, WireType, read_fields, write_field
from bxpull_server.protocol.strict_json import load_json
from bxpull_server.protocol.text import END, START

_RESPONSES = 1
_MAX_GARBAGE = 32


def envelopes(codec: AnyCodec, message: Frame) -> list[Frame]:
    """The frames a message was joined from; the message alone if it is no such one."""
    try:
        if codec is TEXT and isinstance(message, str):
            parts: list[Frame] = [f"{part}{END}" for part in message.split(END)]
            last = parts.pop()
            return parts if parts and last == END else [message]
        if codec is JSON_RPC and isinstance(message, str):
            items = load_json(message)
            return [dump_json(item) for item in items] if isinstance(items, list) else [message]
        if codec is PROTOBUF and isinstance(message, bytes):
            return [write_field(number, kind, raw) for number, kind, raw in read_fields(message, Budget())]
    except (FrameError, ValueError):
        pass  # sent raw, and nothing this codec would have made
    return [message]


def join(codec: AnyCodec, parts: list[Frame]) -> Frame:
    """One message from :func:`envelopes`."""
    if len(parts) == 1:
        return parts[0]
    joined: Frame = codec.join(parts)  # type: ignore[arg-type]
    return joined


def shuffled(codec: AnyCodec, message: Frame, random: Random) -> Frame:
    """The same envelopes, at least two, in another order."""
    parts = envelopes(codec, message)
    order = list(parts)
    random.shuffle(order)
    return join(codec, order if order != parts else [*parts[1:], parts[0]])


def cut(message: Frame, random: Random) -> Frame:
    """The beginning of a message, and not all of it."""
    return message[: random.randrange(1, max(2, len(message)))]


def garbage(codec: AnyCodec, random: Random) -> Frame:
    """A damaged message, as a WebSocket carries it: it costs only itself."""
    noise = _noise(random)
    if codec is PROTOBUF:
        # One Response, whose only field says that it is longer than it is.
        return write_field(_RESPONSES, WireType.LENGTH, b"\x0a\x7f" + noise.encode())
    if codec is JSON_RPC:
        return f'{{"jsonrpc":"2.0","method":"{noise}'
    return f'{START}{{"id":1,"text":"{noise}{END}'


def one_answer(codec: AnyCodec, messages: list[Frame]) -> Frame:
    """Several messages as the one answer to a poll."""
    return join(codec, [part for message in messages for part in envelopes(codec, message)])


def garbage_in_answer(codec: AnyCodec, random: Random) -> Frame:
    """Like :func:`garbage`, but as a part of a sound answer: an array stays one, and holds it."""
    return dump_json(_noise(random)) if codec is JSON_RPC else garbage(codec, random)


def _noise(random: Random) -> str:
    return "".join(random.choices(ascii_lowercase, k=random.randint(1, _MAX_GARBAGE)))
