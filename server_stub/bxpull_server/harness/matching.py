"""Which event was meant, and what is different in those that are not it; no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bxpull_server.harness.recording import HandlerCall, PullEvent

ANY = object()
"""For what is not to be looked at."""
_MAX_VALUE = 120
_MAX_NEAREST = 5


class BxName(str):
    """The name of a BX event, which does not tell cases apart."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.lower())


@dataclass(frozen=True)
class Wanted:
    """An event, or a call of a handler, that is looked for.

    Attributes:
        module: Module id, or a compiled pattern. command: Command, or a compiled pattern; :data:`ANY`:
        whichever. params: What must be in the params: keys that are not named may be there, too, at every
        depth of objects.
            Lists must be equal. Values may be anything that compares, ``unittest.mock.ANY`` for example, a
            compiled pattern for texts, or a function that says whether it is right. :data:`ANY`: whatever.
        extra: The same for ``extra``.
        on: What the handler is registered for; only for calls.
        handler: The function's name; only for calls.
    """

    module: Any = ANY
    command: Any = ANY
    params: Any = ANY
    extra: Any = ANY
    on: Any = ANY
    handler: Any = ANY

    def differences(self, entry: PullEvent | HandlerCall) -> list[str]:
        """What is not as it was wanted, as ``params.id: expected 5, was 4``; nothing: this is one."""
        lines: list[str] = []
        for name in ("module", "command", "on", "handler", "params", "extra"):
            wanted = getattr(self, name)
            if wanted is ANY:
                continue
            try:
                lines += _differences(name, wanted, getattr(entry, name, None))
            except Exception as error:
                # A function for the params of one event need not understand those of others.
                if not lines:
                    raise
                lines.append(f"{name}: expected {_show(wanted)}, cannot be compared: {error!r}")
        return lines

    def __str__(self) -> str:
        name = "/".join(_name(value) for value in (self.module, self.command) if value is not ANY)
        parts = [
            f"{part} {_show(value)}"
            for part in ("on", "handler", "params", "extra")
            if (value := getattr(self, part)) is not ANY
        ]
        return " with ".join(filter(None, (name or "any", ", ".join(parts))))


def nearest(wanted: Wanted, entries: Sequence[PullEvent | HandlerCall]) -> list[tuple[Any, list[str]]]:
    """The entries with the fewest differences, and these; of equals the newest first."""
    rated = [(wanted.differences(entry), -index, entry) for index, entry in enumerate(entries)]

    def distance(item: tuple[list[str], int, Any]) -> tuple[int, int, int]:
        lines = item[0]
        # An event of another module or command is farther than any with other params.
        names = sum(line.startswith(("module", "command", "on:")) for line in lines)
        return names, len(lines), item[1]

    rated.sort(key=distance)
    return [(entry, lines) for lines, _, entry in rated[:_MAX_NEAREST]]


def _differences(path: str, wanted: Any, was: Any) -> list[str]:
    if isinstance(wanted, Mapping):
        if not isinstance(was, Mapping):
            return [f"{path}: expected {_show(wanted)}, was {_show(was)}"]
        lines: list[str] = []
        for key, value in wanted.items():
            inner = f"{path}.{key}"
            # JavaScript's keys are texts.
            name = key if key in was else str(key)
            if name not in was:
                lines.append(f"{inner}: expected {_show(value)}, is missing")
            else:
                lines += _differences(inner, value, was[name])
        return lines
    if _is(wanted, was):
        return []
    return [f"{path}: expected {_show(wanted)}, was {_show(was)}"]


def _is(wanted: Any, was: Any) -> bool:
    if isinstance(wanted, re.Pattern):
        return isinstance(was, str) and wanted.search(was) is not None
    if callable(wanted) and not isinstance(wanted, type):
        return bool(wanted(was))
    # JSON has no tuples, and knows 1 from true.
    if isinstance(wanted, tuple):
        wanted = list(wanted)
    if isinstance(wanted, int | float) and isinstance(wanted, bool) is not isinstance(was, bool):
        return False
    return bool(wanted == was)


def _name(value: Any) -> str:
    return value if isinstance(value, str) else _show(value)


def _show(value: Any) -> str:
    text = f"/{value.pattern}/" if isinstance(value, re.Pattern) else repr(value)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
