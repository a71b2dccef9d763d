"""``bxpull replay``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from bxpull.cli.parameters import filter_options, server_options
from bxpull.cli.targets import chosen_target, target_options
from bxpull.shorten import cut, shown

if TYPE_CHECKING:
    from bxpull.replaying import Sent
    from bxpull_server.capture.lines import Capture

__all__ = ["replay"]

_LONG_S = 5.0
"""A replay that takes longer says so when it begins."""


def _speed(ctx: click.Context, param: click.Parameter, value: str) -> float:
    from bxpull_server.capture.timing import AT_ONCE, check_speed

    if value == "max":
        return AT_ONCE
    try:
        return check_speed(float(value))
    except ValueError:
        raise click.BadParameter(
            f"{shown(value)} must be 0 or more, such as 1 (as it was) or 2 (twice as fast); "
            "0 or max: at once.",
            ctx,
            param,
        ) from None


@click.command()
@click.argument("file")
@target_options
@click.option(
    "--speed",
    metavar="N",
    default="1",
    callback=_speed,
    help="1: as far apart as they were; 2: twice as fast; 0 or max: at once.  [default: 1]",
)
@filter_options
@server_options
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the result as one JSON object: sent, delivered, unheard, left_out.",
)
def replay(
    file: str,
    speed: float,
    modules: tuple[str, ...],
    commands: tuple[str, ...],
    url: str,
    control_token: str | None,
    as_json: bool,
    **targets: Any,
) -> None:
    """Send the events of a capture again through a running 'bxpull serve'.

    FILE has one event a line, as JSON, such as 'bxpull tail --json' prints them; - for standard input.
    Nothing is sent before all of it was read and checked. Without a target each event goes to whom its line
    says it was for. What only a server or a page can say, such as who is online, is left out.

    \b
    bxpull tail --json > capture.jsonl
    bxpull replay capture.jsonl
    bxpull replay capture.jsonl --user 1 --speed max
    """  # noqa: D301 - a backspace keeps click from joining the lines
    from bxpull.capture_input import read_given
    from bxpull.control import ControlClient
    from bxpull.replaying import Sent, at_their_times, requests_of, send_all

    target = chosen_target(**targets)
    client = ControlClient(url, control_token)
    capture = read_given(file, modules, commands)
    requests = requests_of(capture.events, target)
    _announce(capture, speed)
    done = Sent()
    try:
        send_all(at_their_times(capture.events, speed), requests, client.send, done)
    except KeyboardInterrupt:
        click.secho(f"stopped: {done.sent} of {len(requests)} events were sent", fg="yellow", err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps({**asdict(done), "left_out": dict(capture.left_out)}))
    else:
        _show(done)


def _announce(capture: Capture, speed: float) -> None:
    from bxpull_server.capture.timing import with_due_times

    left_out = capture.told_left_out()
    if left_out:
        click.secho(f"{cut(capture.name)}: {left_out}", fg="yellow", err=True)
    *_, (_, last_s) = with_due_times(capture.events, speed)
    if last_s >= _LONG_S:
        many = _events(len(capture.events))
        click.secho(f"{many} in {_duration(last_s)}; stop with Ctrl+C", dim=True, err=True)


def _duration(seconds: float) -> str:
    try:
        return str(timedelta(seconds=round(seconds)))
    except OverflowError:
        return f"{seconds:.0f} s"


def _show(done: Sent) -> None:
    connections = "1 connection" if done.delivered == 1 else f"{done.delivered} connections"
    connections = click.style(connections, fg="green" if done.delivered else "yellow")
    click.echo(f"sent {click.style(_events(done.sent), bold=True)}, queued for {connections}")
    if done.unheard:
        nobody = "reached nobody: open a page of those they are for, or choose others with --user N"
        click.secho(f"{done.unheard} of them {nobody}", fg="yellow", err=True)


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count} events"
