"""Values and names as messages show them: whole if they are short, else their beginning."""

from __future__ import annotations

__all__ = ["cut", "shown"]

_VALUE = 80
_NAME = 300
"""A path, which is of no use in part, may be this long in a message."""


def shown(value: object) -> str:
    """``repr(value)`` in at most 80 characters, also of values that have none, such as huge numbers."""
    if isinstance(value, str):
        # One character more than is shown, so that a longer text is marked as cut.
        return cut(repr(value[: _VALUE + 1]), _VALUE)
    try:
        return cut(repr(value), _VALUE)
    except (ValueError, RecursionError):
        return f"a value too large to show ({type(value).__name__})"


def cut(text: str, limit: int = _NAME) -> str:
    """``text``, or its beginning and ``…`` if it has more than ``limit`` characters."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
