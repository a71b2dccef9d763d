"""Events as people read them, in a terminal or a file."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

__all__ = ["EventView", "printable"]

_NAMED_TARGETS = 5


class EventView:
    """Prints events: a line of what and to whom, below it the params, and the extra if it is wanted.

    In a terminal every line is cut to its width, unless all is wanted.

    Args:
        full: Print params whole and in lines of their own.
        extra: Print ``extra``, too.
    """

    def __init__(self, *, full: bool, extra: bool) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._full = full
        self._extra = extra
        self._cut = self._console.is_terminal and not full
        self._colours = JSONHighlighter()

    def show(self, event: dict[str, Any]) -> None:
        """Print one event as ``GET /control/events`` tells it."""
        self._print(_headline(event))
        if event["params"]:
            self._print_json("", event["params"])
        for target in event["targets"]:
            if "params" in target:
                self._print_json(f"{_named(target)} also: ", target["params"])
        if self._extra and event["extra"]:
            self._print_json("extra: ", event["extra"])
        self._console.file.flush()

    def _print_json(self, label: str, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, indent=2 if self._full else None)
        for number, line in enumerate(text.split("\n")):
            written = Text("  ").append(label if number == 0 else "", "dim")
            written.append_text(self._colours(Text(printable(line))))
            self._print(written)

    def _print(self, line: Text) -> None:
        if self._cut:
            self._console.print(line, overflow="ellipsis", no_wrap=True)
        else:
            self._console.print(line, soft_wrap=True)


def printable(text: str) -> str:
    """``text`` with all that could steer a terminal, or cannot be encoded, escaped as in JSON."""
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _headline(event: dict[str, Any]) -> Text:
    time = datetime.fromisoformat(event["time"]).astimezone()
    connections = event["delivered"]
    line = Text().append(f"{time:%H:%M:%S}.{time.microsecond // 1000:03d}", "dim")
    line.append(f"  {_targets(event['targets'])}", "cyan")
    line.append(f"  {_word(event['module'])}/{_word(event['command'])}", "bold")
    if event["sender"] == "page":
        line.append("  from a page", "magenta")
    line.append(
        f"  {connections} connection{'' if connections == 1 else 's'}", "green" if connections else "yellow"
    )
    line.append(f"  {event['mid']}", "dim")
    return line


def _word(value: Any) -> str:
    return printable(value if isinstance(value, str) else json.dumps(value))


def _targets(targets: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(map(_named, targets)))
    more = len(names) - _NAMED_TARGETS
    return ", ".join(names[:_NAMED_TARGETS]) + (f" and {more} more" if more > 0 else "")


def _named(target: dict[str, Any]) -> str:
    kind = target["channel"]
    if kind == "status":
        return f"watchers of user {target['of']}"
    if kind == "unknown":
        return f"unknown channel {target['fingerprint']}"
    user = target.get("user")
    name = "everybody" if user is None else f"guest {user}" if user < 0 else f"user {user}"
    return name + (f" in {printable(target['application'])}" if "application" in target else "")
