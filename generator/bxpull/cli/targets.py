"""Whom an event goes to, as several subcommands take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bxpull.cli.parameters import whole_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["TARGETS", "chosen_target", "target_options"]

TARGETS = "--user N, --guest -N, --shared, --tag TAG or --channel ID"


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options ``users``, ``guests``, ``shared``, ``tag`` and ``channel``."""
    options = (
        click.option(
            "--user",
            "users",
            metavar="N",
            multiple=True,
            callback=whole_numbers,
            help="To a user's pages; may be repeated.",
        ),
        click.option(
            "--guest",
            "guests",
            metavar="-N",
            multiple=True,
            callback=whole_numbers,
            help="To a guest's pages: a negative id; may be repeated.",
        ),
        click.option("--shared", is_flag=True, help="To everybody."),
        click.option("--tag", metavar="TAG", help="To those who watch a tag."),
        click.option("--channel", metavar="ID", help="To a channel by its id, signed or not."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def chosen_target(
    users: list[int], guests: list[int], shared: bool, tag: str | None, channel: str | None
) -> dict[str, Any] | None:
    """The one target, as the control API has it; None: none was given."""
    for guest in guests:
        if guest >= 0:
            raise click.BadParameter(f"{guest} must be negative, like -1.", param_hint="'--guest'")
    people = [*users, *guests]
    given: dict[str, dict[str, Any]] = {}
    if people:
        given["--user" if users else "--guest"] = (
            {"user": people[0]} if len(people) == 1 else {"users": people}
        )
    if shared:
        given["--shared"] = {"shared": True}
    if tag is not None:
        given["--tag"] = {"tag": tag}
    if channel is not None:
        given["--channel"] = {"channel": channel}
    if len(given) > 1:
        raise click.UsageError(f"Two targets: {' and '.join(given)}. Send to one after the other.")
    return next(iter(given.values()), None)
