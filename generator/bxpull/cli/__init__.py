"""The command ``bxpull``. Each subcommand is imported only when it is called, so that ``--help`` is quick.

``serve`` ends with 2 whenever it cannot start, also because its port is in use: to choose another is the
caller's.
"""

from __future__ import annotations

import click

import bxpull
from bxpull.cli.lazy import LazyGroup

__all__ = ["main"]

_COMMANDS = {
    "build": ("bxpull.cli.build:build", "Generate the client bundle, a snippet, a manifest and a demo page."),
    "init": ("bxpull.cli.init:init", "Write a commented bxpull.toml with every option."),
    "doctor": (
        "bxpull.cli.doctor:doctor",
        "Show which engines and browsers this machine has, and how to get more.",
    ),
    "serve": ("bxpull_server.cli:serve", "Run the push server stub for pages and tests."),
    "send": ("bxpull.cli.send:send", "Send an event through a running server."),
    "tail": ("bxpull.cli.tail:tail", "Show the events of a running server as they pass."),
    "replay": ("bxpull.cli.replay:replay", "Send the events of a capture again through a running server."),
    "gen-test": ("bxpull.cli.gen_test:gen_test", "Write a pytest file that replays a capture."),
    "completion": (
        "bxpull.cli.completion:completion",
        "Print the script that completes commands in a shell.",
    ),
}


_EXIT_CODES = (
    "Exit codes: 0 done; 1 something is missing, failed or was refused: an engine, a browser, the server; "
    "2 the input cannot be used."
)


@click.group(
    cls=LazyGroup,
    commands_by_path=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EXIT_CODES,
)
@click.version_option(bxpull.__version__, prog_name="bxpull")
def main() -> None:
    """Bitrix-compatible Pull: client generator, push server stub and browser tests."""
