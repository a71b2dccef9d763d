"""``bxpull send``."""

from __future__ import annotations

import json
from typing import Any

import click

from bxpull.cli.parameters import server_options, whole_number
from bxpull.cli.targets import TARGETS, chosen_target, target_options

__all__ = ["send"]


@click.command()
@click.argument("module")
@click.argument("command")
@click.argument("params", required=False)
@target_options
@click.option("--extra", metavar="JSON", help="Added to the event's extra; as PARAMS, also @FILE or -.")
@click.option(
    "--expiry",
    metavar="SECONDS",
    callback=whole_number,
    help="How long the event is kept for pages that resume; 0: not at all.  [default: 86400]",
)
@server_options
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object: mid, delivered.")
def send(
    module: str,
    command: str,
    params: str | None,
    extra: str | None,
    expiry: int | None,
    url: str,
    control_token: str | None,
    as_json: bool,
    **targets: Any,
) -> None:
    """Send an event through a running 'bxpull serve'.

    PARAMS is a JSON object, or @FILE with one, or - for standard input; without it the event has none. Give
    exactly one target: users and guests, --shared, --tag or --channel.

    \b
    bxpull send --user 1 main check '{"a": 1}'
    bxpull send --shared main news @news.json
    """  # noqa: D301 - a backspace keeps click from joining the lines
    from bxpull.control import ControlClient
    from bxpull.json_input import read_json

    target = chosen_target(**targets)
    if target is None:
        raise click.UsageError(f"No target: give {TARGETS}.")
    client = ControlClient(url, control_token)
    if params == extra == "-":
        raise click.UsageError("Standard input can be read only once: for PARAMS or for --extra.")
    event = {**target, "module": module, "command": command}
    if params is not None:
        event["params"] = read_json("params", params)
    if extra is not None:
        event["extra"] = read_json("extra", extra)
    if expiry is not None:
        event["expiry"] = expiry
    told = client.send(event)
    if as_json:
        click.echo(json.dumps(told))
    else:
        _show(told, event, client.url)


def _show(told: dict[str, Any], event: dict[str, Any], url: str) -> None:
    mid, delivered = told.get("mid"), told.get("delivered")
    if mid is None:
        click.secho(f"Nobody watches {event['tag']!r}: nothing was sent.", fg="yellow")
        return
    connections = "1 connection" if delivered == 1 else f"{delivered} connections"
    connections = click.style(connections, fg="green" if delivered else "yellow")
    click.echo(f"sent {click.style(mid, bold=True)}, queued for {connections}")
    if not delivered:
        click.secho(_nobody(event, url), fg="yellow", err=True)


def _nobody(event: dict[str, Any], url: str) -> str:
    """Why it reached no page, and what to do about it."""
    people = event.get("users") or [event.get("user")]
    if "channel" in event:
        return "Nobody listens to this channel now."
    if "tag" in event:
        return "Nobody who watches the tag is connected now."
    if "shared" in event:
        return f"Nobody is connected: open {url}/ in a browser, or a page of your own that starts BX.PULL."
    if people[0] < 0:
        return f"Nobody is connected as guest {people[0]}: open a page built with --guest-id {people[0]}."
    whose = f"user {people[0]}" if len(people) == 1 else "any of these users"
    page = f"?bxpull_user={people[0]}"
    return f"Nobody is connected as {whose}: open a page with {page}, such as {url}/{page}"
