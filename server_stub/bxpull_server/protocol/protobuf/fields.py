"""How a message declares its fields: as a dataclass, each field with its number and type.

Nothing is required. A field is written if its value is not the default; one that is :func:`optional` is
written whenever it was set, so that an explicit 0 can be told from nothing.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cache
from typing import Any, Generic, TypeVar, cast

from bxpull_server.errors import FrameError
from bxpull_server.protocol.protobuf.wire import WireType

T = TypeVar("T")
E = TypeVar("E", bound=IntEnum)
_KEY = "protobuf"
_U32 = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Scalar(Generic[T]):
    """A scalar type.

    Attributes:
        wire_type: How it is written; a field that comes with another one is skipped like an unknown one.
        default: What an absent field means.
        write: From the value to an int (varint) or bytes.
        read: The other way; None: not a value of this type, the field counts as absent.
    """

    wire_type: WireType
    default: T
    write: Callable[[T], int | bytes]
    read: Callable[[Any], T | None]


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise FrameError(f"a text in the protobuf frame is not UTF-8 (its byte {error.start})") from None


BYTES: Scalar[bytes] = Scalar(WireType.LENGTH, b"", bytes, bytes)
STRING: Scalar[str] = Scalar(WireType.LENGTH, "", str.encode, _utf8)
BOOL: Scalar[bool] = Scalar(WireType.VARINT, False, int, bool)
UINT32: Scalar[int] = Scalar(WireType.VARINT, 0, lambda value: value & _U32, lambda raw: raw & _U32)
FIXED32: Scalar[int] = Scalar(
    WireType.FIXED32,
    0,
    lambda value: struct.pack("<I", value & _U32),
    lambda raw: int.from_bytes(raw, "little"),
)


def enum(kind: type[E]) -> Scalar[E]:
    """An enumeration whose default is 0; numbers it does not have count as absent."""
    known = {int(member): member for member in kind}
    return Scalar(WireType.VARINT, known[0], int, known.get)


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared field.

    Attributes:
        number: Field number.
        kind: A scalar, or the dataclass of a nested message.
        absent: The attribute's value when the field is not there; it is not written then.
        oneof: One of the fields of its message of which only one has a value, the last one that came.
    """

    number: int
    kind: Scalar[Any] | type
    absent: Any
    oneof: bool = False

    @property
    def repeated(self) -> bool:
        """Whether the attribute is a tuple of any number of values."""
        return isinstance(self.absent, tuple)


def scalar(number: int, kind: Scalar[T], *, secret: bool = False) -> T:
    """A scalar field, absent if it has the default; a secret is left out of the message's ``repr``."""
    return cast("T", _declare(Declared(number, kind, kind.default), secret=secret))


def optional(number: int, kind: Scalar[T]) -> T | None:
    """A scalar field that may be absent, which is not the same as having the default."""
    return cast("T | None", _declare(Declared(number, kind, None)))


def nested(number: int, kind: type[T], *, oneof: bool = False) -> T | None:
    """A nested message, or None."""
    return cast("T | None", _declare(Declared(number, kind, None, oneof)))


def repeated(number: int, kind: type[T]) -> tuple[T, ...]:
    """Any number of nested messages."""
    return cast("tuple[T, ...]", _declare(Declared(number, kind, ())))


def _declare(declared: Declared, *, secret: bool = False) -> object:
    return field(default=declared.absent, metadata={_KEY: declared}, repr=not secret)


@cache
def declared_fields(kind: Any) -> tuple[tuple[str, Declared], ...]:
    """Attribute and declaration of a message's fields, in the order of their numbers."""
    found: list[tuple[str, Declared]] = [(item.name, item.metadata[_KEY]) for item in fields(kind)]
    return tuple(sorted(found, key=lambda pair: pair[1].number))
