"""The wire format: fields with a number, a wire type and a value, one after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from bxpull_server.errors import FrameError

MAX_FIELDS = 100_000
_MAX_VARINT_BITS = 70
_MAX_TAG = 2**32 - 1
_U64 = 2**64 - 1
_ONE_BYTE = tuple(bytes([value]) for value in range(0x80))  # most tags and lengths


class WireType(IntEnum):
    """How a value is written; says also how to skip it."""

    VARINT = 0
    FIXED64 = 1
    LENGTH = 2
    START_GROUP = 3
    END_GROUP = 4
    FIXED32 = 5


@dataclass(slots=True)
class Budget:
    """How many more fields may be read: bounds time and memory, whatever the bytes say."""

    fields: int = MAX_FIELDS

    def spend(self) -> None:
        """Take one.

        Raises:
            FrameError: There is none left.
        """
        self.fields -= 1
        if self.fields < 0:
            raise FrameError(f"the protobuf frame has more than {MAX_FIELDS} fields: send smaller ones")


_FIXED_BYTES = {WireType.FIXED64: 8, WireType.FIXED32: 4}


def read_fields(data: bytes, budget: Budget) -> Iterator[tuple[int, WireType, int | bytes]]:
    """The fields in ``data``, in order: number, wire type, and an int (varint) or the bytes of the value.

    Groups are skipped.

    Raises:
        FrameError: Cut off, not protobuf, or more fields than ``budget`` allows.
    """
    position = 0
    open_groups: list[int] = []
    while position < len(data):
        budget.spend()
        start = position
        tag, position = _read_varint(data, position)
        number = tag >> 3
        try:
            kind = WireType(tag & 7)
        except ValueError:
            raise FrameError(
                f"byte {start} of the protobuf frame starts a field of an unknown type"
            ) from None
        if number == 0 or tag > _MAX_TAG:
            raise FrameError(f"byte {start} of the protobuf frame starts a field with an impossible number")
        if kind is WireType.START_GROUP:
            open_groups.append(number)
            continue
        if kind is WireType.END_GROUP:
            if not open_groups or open_groups.pop() != number:
                raise FrameError(f"byte {start} of the protobuf frame ends a group that is not open")
            continue
        value: int | bytes
        if kind is WireType.VARINT:
            value, position = _read_varint(data, position)
        else:
            size = _FIXED_BYTES.get(kind, -1)
            if size < 0:
                size, position = _read_varint(data, position)
            end = position + size
            if end > len(data):
                raise FrameError(
                    f"the protobuf frame is cut off: field {number} at byte {start} ends "
                    f"{end - len(data)} bytes after it"
                )
            value = data[position:end]
            position = end
        if not open_groups:
            yield number, kind, value
    if open_groups:
        raise FrameError(f"the protobuf frame is cut off: group {open_groups[-1]} does not end")


def write_field(number: int, kind: WireType, value: int | bytes) -> bytes:
    """One field; ``value`` is an int for a varint, else the bytes of the value."""
    tag = write_tag(number, kind)
    if isinstance(value, int):
        return tag + write_varint(value)
    if kind is WireType.LENGTH:
        return tag + write_varint(len(value)) + value
    return tag + value


def write_tag(number: int, kind: WireType) -> bytes:
    """What stands before a field's value."""
    return write_varint(number << 3 | kind)


def write_varint(value: int) -> bytes:
    """``value`` (from 0 to 2**64 - 1) in groups of seven bits, the lowest first."""
    if value < len(_ONE_BYTE):
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    start = position
    while shift < _MAX_VARINT_BITS:
        if position == len(data):
            raise FrameError(f"the protobuf frame is cut off in the number at byte {start}")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _U64, position
        shift += 7
    raise FrameError(f"byte {start} of the protobuf frame starts a number of more than ten bytes")
