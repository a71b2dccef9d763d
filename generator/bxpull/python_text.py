"""Values and calls as Python source, as people and formatters write it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["call_text", "literal"]

_WIDTH = 100
_STEP = "    "


def literal(value: Any, indent: str = "", used: int = 0) -> str:
    """A value that is JSON as Python source: in one line if there is room, else an item a line.

    Args:
        value: The value.
        indent: What its last line begins with, if it has several.
        used: Characters that are in its first line already, indentation included, and in its last.
    """
    flat = _flat(value)
    if not isinstance(value, dict | list | tuple) or not value or used + len(flat) <= _WIDTH:
        return flat
    inner = indent + _STEP
    if isinstance(value, dict):
        heads = [f"{inner}{_flat(key)}: " for key in value]
        items: list[Any] = list(value.values())
    else:
        heads, items = [inner] * len(value), list(value)
    lines = [
        f"{head}{literal(item, inner, len(head) + 1)},\n" for head, item in zip(heads, items, strict=True)
    ]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{''.join(lines)}{indent}{end}"


def call_text(name: str, arguments: Sequence[Any], named: Mapping[str, Any], indent: str) -> str:
    """A call as a line of its own: in one if there is room, else an argument a line.

    Args:
        name: The function.
        arguments: Its arguments by position, values that are JSON.
        named: The same by name.
        indent: What each line begins with; the first is left without.
    """
    flat = ", ".join([*map(_flat, arguments), *(f"{key}={_flat(value)}" for key, value in named.items())])
    line = f"{name}({flat})"
    if len(indent) + len(line) <= _WIDTH:
        return line
    inner = indent + _STEP
    lines = [f"{inner}{literal(value, inner, len(inner) + 1)},\n" for value in arguments]
    lines += [
        f"{inner}{key}={literal(value, inner, len(inner) + len(key) + 2)},\n" for key, value in named.items()
    ]
    return f"{name}(\n{''.join(lines)}{indent})"


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flat(key)}: {_flat(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flat, value))}]"
    return repr(value)


def _string(text: str) -> str:
    # JSON's escapes are Python's, too, but for signs that would take two of them.
    quoted = "".join(
        sign
        if sign.isprintable()
        else f"\\u{ord(sign):04x}"
        if ord(sign) < 0x10000
        else f"\\U{ord(sign):08x}"
        for sign in json.dumps(text, ensure_ascii=False)
    )
    if '"' not in text or "'" in text:
        return quoted
    inner = quoted[1:-1].replace('\\"', '"')
    return f"'{inner}'"
