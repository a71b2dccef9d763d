"""``bxpull tail``."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bxpull.cli.parameters import filter_options, server_options, whole_number, whole_numbers
from bxpull.errors import ServerGoneError, ServerMissingError
from bxpull.shorten import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bxpull.control import ControlClient

__all__ = ["tail"]

_FIRST_WAIT_S = 0.25
_LONGEST_WAIT_S = 10.0


def _count(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    number = whole_number(ctx, param, value)
    if number is not None and number < 1:
        raise click.BadParameter(f"{number} must be at least 1.", ctx, param)
    return number


@click.command()
@click.option(
    "--user",
    "users",
    metavar="N",
    multiple=True,
    callback=whole_numbers,
    help="Only what reaches this user or (negative) guest, what is for everybody included; may be repeated.",
)
@filter_options
@click.option("--count", metavar="N", callback=_count, help="End after so many events.")
@click.option("--follow", is_flag=True, help="Wait for a server that is not there, or goes away.")
@click.option("--full", is_flag=True, help="Show params whole, in lines of their own.")
@click.option("--extra", is_flag=True, help="Show the events' extra, too.")
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print each event as one line of JSON.")
def tail(
    users: list[int],
    modules: tuple[str, ...],
    commands: tuple[str, ...],
    count: int | None,
    follow: bool,
    full: bool,
    extra: bool,
    url: str,
    control_token: str | None,
    as_json: bool,
) -> None:
    """Show the events of a running 'bxpull serve' as they pass, whoever publishes them.

    Of each: when, to whom, module and command, for how many connections it was queued, its id, and below that
    its params. Ends with Ctrl+C; with exit code 1 when the server goes away, unless --follow is given.
    """
    from bxpull.control import ControlClient

    client = ControlClient(url, control_token)
    filters = [
        *(("user", str(user)) for user in users),
        *(("module", module) for module in modules),
        *(("command", command) for command in commands),
    ]
    show = _json_line if as_json else _view(full=full, extra=extra)
    with _ending_at_interrupt():
        for event in itertools.islice(_events(client, filters, follow=follow), count):
            show(event)


@contextmanager
def _ending_at_interrupt() -> Iterator[None]:
    """Ctrl+C ends the process with 0, at once.

    As an exception it can be lost: where Python is in a callback that lets none out.
    """
    before = signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _json_line(event: dict[str, Any]) -> None:
    # As bytes, since JSON is UTF-8 whatever the terminal is; echo flushes each line.
    click.echo(json.dumps(event, ensure_ascii=False).encode("utf-8", "backslashreplace"))


def _view(*, full: bool, extra: bool) -> Callable[[dict[str, Any]], None]:
    from bxpull.cli.event_view import EventView

    return EventView(full=full, extra=extra).show


def _events(
    client: ControlClient, filters: list[tuple[str, str]], *, follow: bool
) -> Iterator[dict[str, Any]]:
    """The events; what else the server says goes to standard error."""
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            with client.events(filters) as lines:
                wait_s = _FIRST_WAIT_S
                _say(f"listening at {client.url}; stop with Ctrl+C")
                for line in lines:
                    if "notice" in line:
                        _say(line["notice"])
                    else:
                        yield line
        except (ServerGoneError, ServerMissingError) as error:
            if not follow:
                raise
            _say(f"trying again: {error}")
        threading.Event().wait(wait_s)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def _say(sentence: str) -> None:
    click.secho(cut(sentence), dim=True, err=True)
