"""Write what ``bxpull … --help`` prints into docs/cli.md.

``python tools/cli_page.py`` writes; ``--check`` only tells whether the page is right (exit code 1: no).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from bxpull.cli import main as command

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
PART = re.compile(r"(<!-- help:([a-z-]*), written[^\n]*-->\n).*?(<!-- help:end -->)", re.DOTALL)
WIDTH = 100


def helped(name: str) -> str:
    """The help of a subcommand as a block; "": that of the command itself."""
    top = click.Context(command, info_name="bxpull", terminal_width=WIDTH, **command.context_settings)
    context = top
    if name:
        found = command.get_command(top, name)
        if found is None:
            raise SystemExit(f"cli_page: docs/cli.md has a part for {name!r}, which is no command")
        context = click.Context(found, info_name=name, parent=top, terminal_width=WIDTH)
    return f"```text\n{context.command.get_help(context)}\n```\n"


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit code."""
    old = PAGE.read_text("utf-8")
    parts = [part[2] for part in PART.finditer(old)]
    wanted = ["", *command.list_commands(click.Context(command))]
    if sorted(parts) != sorted(wanted):
        print(f"cli_page: docs/cli.md must have one part for each of {wanted}, not {parts}", file=sys.stderr)
        return 1
    new = PART.sub(lambda part: part[1] + helped(part[2]) + part[3], old)
    if new == old:
        return 0
    if arguments == ["--check"]:
        print("cli_page: the help in docs/cli.md is old; run 'python tools/cli_page.py'", file=sys.stderr)
        return 1
    PAGE.write_text(new, "utf-8")
    print("cli_page: wrote the help")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
