"""Makes a test of a capture: a page is told the events again, and its handlers are expected to be called."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bxpull.errors import InputError
from bxpull.outputs import Output
from bxpull.python_text import call_text, literal
from bxpull.render import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bxpull_server.capture.lines import Capture

__all__ = ["Wish", "file_name", "outputs_of"]

_SHORT_EVENTS = 20
_SHORT_CHARS = 4_000
_SHORT_LEVELS = 50
"""A capture that has more than that stays a file. Python reads no source with 200 brackets in each other."""
_INDENT = "    "


@dataclass(frozen=True)
class Wish:
    """How the test is to be.

    Attributes:
        path: Where it is written.
        user: Whose page is told.
        url: What the page is; None: what the fixture ``pull_page_url`` says.
        inject: Whether the harness puts the client into it.
        calls: Whether calls of handlers are expected, and not only the events.
    """

    path: Path
    user: int = 1
    url: str | None = None
    inject: bool = True
    calls: bool = True


def file_name(capture: str) -> str:
    """The name of a test of this capture: ``captures/chat-1.jsonl`` has ``test_chat_1.py``."""
    stem = re.split(r"[/\\]", capture)[-1].partition(".")[0]
    return f"test_{re.sub(r'[^A-Za-z0-9]+', '_', stem).strip('_') or 'capture'}.py"


def outputs_of(capture: Capture, wish: Wish) -> list[Output]:
    """The files to be written: the test; before it, if the capture is too long for its text, the capture.

    Raises:
        InputError: The name of the test is none that a Python module can have.
    """
    stem = wish.path.stem
    if wish.path.suffix != ".py" or not stem.isidentifier():
        raise InputError(f"{wish.path}: a test must have a name like test_chat.py; choose one with -o")
    lines = _lines(capture, wish.user)
    events = _short(lines)
    file = wish.path.with_suffix(".jsonl")
    test = render(
        "test_capture.py",
        name=stem if stem.startswith("test_") else f"test_{stem}",
        source=re.sub(r"[^\w. -]", "_", re.split(r"[/\\]", capture.name)[-1]),
        events=literal([_shown(event) for event in events], used=len("CAPTURE = ")) if events else None,
        file=literal(file.name),
        user=wish.user,
        url=None if wish.url is None else literal(wish.url),
        inject=wish.inject,
        calls=wish.calls,
        expectations=_expectations(events, calls=wish.calls),
        told=literal([f"{event['module']}/{event['command']}" for event in events], _INDENT, 19),
    )
    written = [] if events else [Output(file, "capture", "".join(f"{line}\n" for line in lines))]
    return [*written, Output(wish.path, "test", test)]


def _short(lines: Sequence[str]) -> list[dict[str, Any]]:
    """The events, if all of them have room in the text of a test; else none."""
    if len(lines) > _SHORT_EVENTS or sum(map(len, lines)) > _SHORT_CHARS:
        return []
    events = [json.loads(line) for line in lines]
    return events if _has_levels(events, _SHORT_LEVELS) else []


def _has_levels(value: Any, most: int) -> bool:
    """Whether objects and lists are in each other so many times at the most."""
    if not isinstance(value, dict | list):
        return True
    items = value.values() if isinstance(value, dict) else value
    return most > 0 and all(_has_levels(item, most - 1) for item in items)


def _lines(capture: Capture, user: int) -> list[str]:
    """What this user is told, as lines of a capture."""
    from bxpull_server.capture.lines import line_of
    from bxpull_server.capture.receivers import told_to

    lines: list[str] = []
    for event in capture.events:
        told = told_to(event, user)
        fields: dict[str, Any] = {"module": told.module, "command": told.command, "params": told.params}
        if event.extra:
            fields["extra"] = dict(event.extra)
        if event.calls is not None:
            fields["calls"] = list(event.calls)
        lines.append(line_of(fields, event.at))
    return lines


def _shown(event: dict[str, Any]) -> dict[str, Any]:
    """The event in the text of the test, which says below what is called."""
    return {key: value for key, value in event.items() if key != "calls"}


def _expectations(events: Sequence[dict[str, Any]], *, calls: bool) -> list[str]:
    """A statement for each event that is expected, or for each call with it."""
    so_far: Counter[str] = Counter()
    statements: list[str] = []
    for event in events:
        for function, arguments, named in _wanted(event, calls=calls):
            key = json.dumps([function, arguments, named])
            so_far[key] += 1
            # The same once more is the second one.
            count = {"count": so_far[key]} if so_far[key] > 1 else {}
            text = call_text(f"pull_events.{function}", arguments, {**named, **count}, _INDENT)
            statements.append(text)
    return statements


def _wanted(event: dict[str, Any], *, calls: bool) -> Iterable[tuple[str, tuple[str, ...], dict[str, Any]]]:
    module, command = event["module"], event["command"]
    params = {"params": event["params"]} if event["params"] else {}
    known = event.get("calls")
    if not calls or known == []:
        yield "expect", (module, command), params
    elif known is None:
        yield "expect_call", (), {"module": module, "command": command, **params}
    else:
        for on in known:
            of_which = {} if module in on.lower() else {"module": module}
            yield "expect_call", (on,), {**of_which, "command": command, **params}
