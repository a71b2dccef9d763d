"""What the demo tells: what the handlers received, whether that is all, and what one can do next."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from tools.demo_events import EVENTS, GUEST, USER, DemoError, Seen, called, differences, who

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from bxpull_server import AsyncPushServer


def report(console: Console, seen: Sequence[Seen], seconds: float) -> None:
    """What was received, the user's debug info, and the verdict.

    Raises:
        DemoError: Names what was missing.
    """
    for page in seen:
        show_calls(console, page)
    show_debug(console, seen[0])
    problems = [sentence for page in seen for sentence in differences(page)]
    if problems:
        raise DemoError("\n".join(problems))
    calls = sum(len(page.calls) for page in seen)
    text = f"All {len(EVENTS)} events reached their handlers: {calls} calls, {seconds:.1f} s in all."
    console.print(Text(f"\n{text}", style="bold green"))


def say(console: Console, line: str) -> None:
    """One line as it is: never folded, so that it can be copied."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def make_table(title: str) -> Table:
    """A table under its title."""
    return Table(title=f"\n{title}", title_justify="left", title_style="bold")


def show_calls(console: Console, seen: Seen) -> None:
    """The table of what a page's handlers received."""
    table = make_table(f"What the handlers of {who(seen.visitor)}'s page received")
    table.add_column("Event", no_wrap=True)
    table.add_column("Handler", no_wrap=True)
    table.add_column("Arguments", overflow="fold")
    last = ""
    for call in seen.calls:
        handler, module, command, _params, extra = called(call)
        kind = next(
            (event.kind for event in EVENTS if (event.module, event.command) == (module, command)), "?"
        )
        if last not in ("", kind):
            table.add_section()
        # Extra is alike for all of them, and long.
        arguments = ", ".join(json.dumps(arg).replace(json.dumps(extra), "{…}") for arg in call["args"])
        table.add_row(*(Text(cell) for cell in ("" if kind == last else kind, handler, arguments)))
        last = kind
    console.print(table)
    if seen.calls:
        keys = ", ".join(called(seen.calls[-1])[4])
        say(console, f"{{…}} is extra: {keys}")


def show_debug(console: Console, seen: Seen) -> None:
    """The table of a page's debug info."""
    table = make_table(f"BX.PULL.getDebugInfo() there ({who(seen.visitor)})")
    table.add_column("Key", no_wrap=True)
    table.add_column("Value", overflow="fold")
    for key, value in seen.debug.items():
        table.add_row(Text(key), Text(value if isinstance(value, str) else json.dumps(value)))
    console.print(table)


def show_how_to_send(console: Console, server: AsyncPushServer) -> None:
    """What to open, and two ways to send an event."""
    params = json.dumps({"a": 1})
    event = json.dumps({"user": USER, "module": "main", "command": "check", "params": {"a": 1}})
    python = [
        "import json; from urllib.request import Request, urlopen",
        f"event = {event}",
        'headers = {"Content-Type": "application/json"}',
        f'urlopen(Request("{server.url}/control/send", json.dumps(event).encode(), headers))',
    ]
    lines = [
        "",
        "The server stays up. Open:",
        *(f"  {page_url(server, visitor)}" for visitor in (USER, 2, GUEST)),
        "",
        "Send an event, and see what passes:",
        f"  bxpull send --url {server.url} --user {USER} main check {shlex.quote(params)}",
        f"  bxpull tail --url {server.url}",
        "",
        "or with Python:",
        *(f"  {line}" for line in python),
        "",
        "Stop with Ctrl+C.",
    ]
    for line in lines:
        say(console, line)


def page_url(server: AsyncPushServer, visitor: int) -> str:
    """Address of the demo page as this visitor."""
    return f"{server.url}/demo.html?bxpull_user={visitor}"
