"""Text that is safe wherever a bundle ends up: in a script, a comment, an attribute or a URL."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["comment_text", "script_json"]

_MAX_DEPTH = 200
"""Far less than what exhausts Python's stack, far more than any config has."""
_UNSAFE = re.compile("[<>&\u2028\u2029]")
_UNSAFE_IN_COMMENT = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def script_json(value: object, *, compact: bool = True) -> str:
    r"""JSON text of ``value`` that may stand in any script, inline or in a file.

    ``<``, ``>``, ``&``, U+2028 and U+2029 are written as ``\uXXXX``, so that no value can end the script or
    start a comment. A key ``__proto__`` becomes a computed one: as a plain key it would change the prototype
    of the object instead of being a member.

    Args:
        value: What ``json`` can write: mappings with text keys, lists, tuples, text, numbers, booleans, None.
        compact: Without spaces after ``,`` and ``:``.

    Returns:
        A JavaScript expression in one line of ASCII text.

    Raises:
        TypeError: If the value has something JSON cannot express.
        ValueError: If a number is none that JavaScript can hold, or the value is nested too deeply.
    """
    text = _write(value, _MAX_DEPTH, *((",", ":") if compact else (", ", ": ")))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _write(value: object, depth: int, comma: str, colon: str) -> str:
    if depth < 0:
        raise ValueError(f"it is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, dict):
        return "{" + comma.join(_members(value, depth - 1, comma, colon)) + "}"
    if isinstance(value, list | tuple):
        return "[" + comma.join(_write(item, depth - 1, comma, colon) for item in value) + "]"
    if isinstance(value, int):
        _refuse_infinite(value)
    return json.dumps(value, allow_nan=False)


def _refuse_infinite(value: int) -> None:
    try:
        float(value)
    except OverflowError:
        raise ValueError("a whole number is larger than any number of JavaScript's") from None


def _members(value: Mapping[object, object], depth: int, comma: str, colon: str) -> list[str]:
    parts = []
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"JSON needs text as keys, not {type(key).__name__}")
        name = '["__proto__"]' if key == "__proto__" else json.dumps(key)
        parts.append(name + colon + _write(item, depth, comma, colon))
    return parts


def comment_text(text: str) -> str:
    """``text`` for the inside of a ``/* … */`` comment: it ends neither the comment nor an inline script."""
    return _UNSAFE_IN_COMMENT.sub(r"<\\", text.replace("*/", "* /"))
