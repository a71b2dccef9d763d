"""What several subcommands take in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bxpull.shorten import shown

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_URL", "filter_options", "server_options", "whole_number", "whole_numbers"]

DEFAULT_URL = "http://127.0.0.1:8893"
"""Where ``bxpull serve`` listens unless told otherwise."""


def whole_number(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Reads a number like click, which would show any text whole."""
    try:
        return None if value is None else int(value)
    except ValueError:
        raise click.BadParameter(f"{shown(value)} is not a valid integer.", ctx, param) from None


def whole_numbers(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[int]:
    """Reads the numbers of an option that may be repeated."""
    return [number for value in values if (number := whole_number(ctx, param, value)) is not None]


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that choose events: ``modules`` and ``commands``, tuples that are empty for all."""
    command = click.option(
        "--command", "commands", metavar="NAME", multiple=True, help="Only this command; may be repeated."
    )(command)
    return click.option(
        "--module", "modules", metavar="NAME", multiple=True, help="Only of this module; may be repeated."
    )(command)


def server_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that name a running server: ``url`` and ``control_token``."""
    command = click.option(
        "--control-token",
        metavar="TOKEN",
        envvar="BXPULL_CONTROL_TOKEN",
        help="The server's control token, if it was started with one.  [env: BXPULL_CONTROL_TOKEN]",
    )(command)
    return click.option(
        "--url",
        metavar="URL",
        envvar="BXPULL_URL",
        default=DEFAULT_URL,
        help=f"Address of the running server.  [env: BXPULL_URL; default: {DEFAULT_URL}]",
    )(command)
