"""Messages of the protobuf schema: generated ones, their JSON form, and unusual bytes that mean the same."""

from __future__ import annotations

import base64
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from bxpull_server.protocol.messages import Sender as SenderType
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.fields import (
    BOOL,
    BYTES,
    FIXED32,
    STRING,
    UINT32,
    Scalar,
    declared_fields,
)
from bxpull_server.protocol.protobuf.wire import WireType, write_field, write_varint

if TYPE_CHECKING:
    from random import Random

    from hypothesis.strategies import SearchStrategy

    from bxpull_server.protocol.protobuf.fields import Declared

# Lengths and numbers around which an encoding changes its form.
EDGES = (0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 2**31 - 1, 2**31, 2**32 - 1)
LENGTHS = (0, 1, 13, 16, 20, 0x7F, 0x80)
LONG = 0x4000
TEXTS = ("", "\0", "{}", "\u2028", "\uffff", "\U0001f600", "ä" * 64, "x" * LONG)

_numbers = st.sampled_from(EDGES) | st.integers(0, 2**32 - 1)
_scalars: dict[Any, SearchStrategy[Any]] = {
    BYTES: st.sampled_from(LENGTHS).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
    STRING: st.sampled_from(TEXTS) | st.text(max_size=12),
    BOOL: st.booleans(),
    UINT32: _numbers,
    FIXED32: _numbers,
}


def messages(kind: Any) -> SearchStrategy[Any]:
    """Messages of a type, every declared field with and without a value, edges more often than chance."""
    fields = declared_fields(kind)
    oneof = [name for name, declared in fields if declared.oneof]
    plain = {name: _values(declared) for name, declared in fields if not declared.oneof}
    if not oneof:
        return st.builds(kind, **plain)
    chosen = [
        st.builds(kind, **plain, **{name: messages(declared.kind)})
        for name, declared in fields
        if declared.oneof
    ]
    return st.one_of(*chosen, st.builds(kind, **plain))


def _values(declared: Declared) -> SearchStrategy[Any]:
    if isinstance(declared.kind, Scalar):
        default = declared.kind.default
        scalar = st.sampled_from(type(default)) if isinstance(default, IntEnum) else _scalars[declared.kind]
        return st.none() | scalar if declared.absent is None else scalar
    inner = messages(declared.kind)
    if declared.repeated:
        return st.lists(inner, max_size=3).map(tuple)
    return st.none() | inner


def as_data(message: Any, *, defaults: bool = False) -> dict[str, Any]:
    """A message as protobufjs takes it: camel case, bytes as base64, absent fields left out.

    Args:
        message: The dataclass.
        defaults: Keep scalars that have the default, which nobody has to write.
    """
    kind: Any = type(message)
    data = {}
    for name, declared in declared_fields(kind):
        value = getattr(message, name)
        written = value != declared.absent
        if written or (defaults and isinstance(declared.kind, Scalar) and value is not None):
            data[camel(name)] = (
                [_datum(item, defaults=defaults) for item in value]
                if declared.repeated
                else _datum(value, defaults=defaults)
            )
    return data


def _datum(value: Any, *, defaults: bool) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int) else as_data(value, defaults=defaults)


def from_data(kind: Any, data: dict[str, Any]) -> Any:
    """The opposite of :func:`as_data`."""
    values: dict[str, Any] = {}
    for name, declared in declared_fields(kind):
        value = data.get(camel(name))
        if value is None:
            continue
        if not isinstance(declared.kind, Scalar):
            many = value if declared.repeated else [value]
            items = tuple(from_data(declared.kind, item) for item in many)
            values[name] = items if declared.repeated else items[0]
        elif declared.kind is BYTES:
            values[name] = base64.b64decode(value)
        elif isinstance(declared.kind.default, IntEnum):
            # A number the enumeration does not have counts as absent.
            values[name] = SenderType(value) if value in list(SenderType) else declared.kind.default
        else:
            values[name] = value
    return kind(**values)


def camel(name: str) -> str:
    """A field's name as the schema has it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def unusual(message: Any, random: Random) -> bytes:
    """Bytes of a message that no encoder writes and every decoder must read as the same message.

    Fields out of order, scalars that come twice, defaults written out, nested messages in two parts, another
    member of a oneof before the one that counts, numbers longer than they need be, unknown fields between.
    """
    return b"".join(_entries(message, random))


def _entries(message: Any, random: Random) -> list[bytes]:
    kind: Any = type(message)
    fields = declared_fields(kind)
    # In a message without fields of its own protobufjs cannot skip a group.
    unknown = random.choice((0, 0, 1, 2)) if fields else 0
    groups: list[list[bytes]] = [_unknown(random) for _ in range(unknown)]
    one_of: list[bytes] = []
    for name, declared in fields:
        value = getattr(message, name)
        if isinstance(declared.kind, Scalar):
            groups.append(_scalar_entries(declared, value, random))
        elif declared.repeated:
            groups.append([_nested(declared, unusual(item, random), random) for item in value])
        else:
            found = [] if value is None else _split(declared, value, random)
            if not declared.oneof:
                groups.append(found)
            elif found:
                one_of += found
            elif random.random() < 0.3:
                one_of.insert(0, _nested(declared, encode(declared.kind()), random))
    if any(declared.oneof and getattr(message, name) is not None for name, declared in fields):
        groups.append(one_of)
    return _shuffled(groups, random)


def _scalar_entries(declared: Declared, value: Any, random: Random) -> list[bytes]:
    kind: Scalar[Any] = declared.kind  # type: ignore[assignment]
    if value is None or (value == declared.absent and random.random() < 0.5):
        return []
    earlier = [kind.default] if random.random() < 0.3 else []
    return [_field(declared.number, kind.wire_type, kind.write(item), random) for item in (*earlier, value)]


def _split(declared: Declared, value: Any, random: Random) -> list[bytes]:
    entries = _entries(value, random)
    cut = random.randint(0, len(entries))
    parts = [entries[:cut], entries[cut:]] if random.random() < 0.3 else [entries]
    return [_nested(declared, b"".join(part), random) for part in parts]


def _nested(declared: Declared, data: bytes, random: Random) -> bytes:
    return _field(declared.number, WireType.LENGTH, data, random)


def _unknown(random: Random) -> list[bytes]:
    number = random.choice((9, 100, 2**29 - 1))
    group = write_varint(number << 3 | WireType.START_GROUP), write_varint(number << 3 | WireType.END_GROUP)
    return [
        random.choice(
            (
                write_field(number, WireType.VARINT, 2**64 - 1),
                write_field(number, WireType.FIXED64, b"\xff" * 8),
                write_field(number, WireType.FIXED32, b"\xff" * 4),
                write_field(number, WireType.LENGTH, b"\xff" * random.choice((0, 3, 200))),
                group[0] + write_field(1, WireType.LENGTH, b"\xff") + group[1],
            )
        )
    ]


def _field(number: int, kind: WireType, value: int | bytes, random: Random) -> bytes:
    tag = _varint(number << 3 | kind, random)
    if isinstance(value, int):
        return tag + _varint(value, random)
    return tag + (_varint(len(value), random) if kind is WireType.LENGTH else b"") + value


def _varint(value: int, random: Random) -> bytes:
    data = write_varint(value)
    longer = random.randint(0, 5 - len(data)) if random.random() < 0.1 else 0
    return data if not longer else data[:-1] + bytes([data[-1] | 0x80]) + b"\x80" * (longer - 1) + b"\0"


def _shuffled(groups: list[list[bytes]], random: Random) -> list[bytes]:
    """All entries in any order, but those of a group in theirs."""
    order = [number for number, group in enumerate(groups) for _ in group]
    random.shuffle(order)
    rest = [iter(group) for group in groups]
    return [next(rest[number]) for number in order]
