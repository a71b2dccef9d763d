"""Encoding and decoding of any declared message."""

from typing import Any, TypeVar, cast

from bxpull_server.protocol.protobuf.fields import Declared, Scalar, declared_fields
from bxpull_server.protocol.protobuf.wire import Budget, WireType, read_fields, write_field

M = TypeVar("M")


def encode(message: Any) -> bytes:
    """The canonical bytes of a message: fields in the order of their numbers, absent ones left out."""
    out = bytearray()
    kind: Any = type(message)
    for name, declared in declared_fields(kind):
        value = getattr(message, name)
        if value != declared.absent:
            for item in value if declared.repeated else (value,):
                out += _written(declared, item)
    return bytes(out)


def _written(declared: Declared, value: Any) -> bytes:
    kind = declared.kind
    if isinstance(kind, Scalar):
        return write_field(declared.number, kind.wire_type, kind.write(value))
    return write_field(declared.number, WireType.LENGTH, encode(value))


def decode(kind: type[M], data: bytes, budget: Budget | None = None) -> M:
    """The message of type ``kind`` in ``data``.

    Unknown fields are skipped, and so are known ones that come with another wire type. Of a scalar that comes
    twice the last one counts; nested messages that come twice are merged.

    Raises:
        FrameError: Cut off, not protobuf, a text that is not UTF-8, or more fields than a frame may have.
    """
    return cast("M", _decode(kind, data, budget or Budget()))


def _decode(kind: Any, data: bytes, budget: Budget) -> object:
    known = {declared.number: (name, declared) for name, declared in declared_fields(kind)}
    values: dict[str, Any] = {}
    parts: dict[str, list[bytes]] = {}
    for number, wire_type, raw in read_fields(data, budget):
        if number not in known:
            continue
        name, declared = known[number]
        if isinstance(declared.kind, Scalar):
            value = declared.kind.read(raw) if wire_type is declared.kind.wire_type else None
            if value is not None:
                values[name] = value
        elif isinstance(raw, bytes) and wire_type is WireType.LENGTH:
            if declared.oneof:
                parts = {name: parts[name]} if name in parts else {}
            parts.setdefault(name, []).append(raw)
    for name, declared in known.values():
        if name in parts:
            values[name] = _nested(declared, parts[name], budget)
    return kind(**values)


def _nested(declared: Declared, parts: list[bytes], budget: Budget) -> object:
    if declared.repeated:
        return tuple(_decode(declared.kind, part, budget) for part in parts)
    # The bytes of two messages one after another are the bytes of both merged.
    return _decode(declared.kind, b"".join(parts), budget)
