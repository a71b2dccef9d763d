"""``bxpull gen-test``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bxpull.cli.parameters import filter_options, whole_number
from bxpull.errors import InputError
from bxpull.shorten import cut

if TYPE_CHECKING:
    from bxpull_server.capture.lines import Capture

__all__ = ["gen_test"]


def _user(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    number = whole_number(ctx, param, value)
    if number is not None and number < 1:
        raise click.BadParameter(f"{number} must be the id of a user, at least 1.", ctx, param)
    return number


@click.command("gen-test")
@click.argument("file")
@click.option(
    "-o", "--out", "out", metavar="FILE", help="Where the test is written.  [default: test_<capture>.py]"
)
@click.option(
    "--user",
    metavar="N",
    callback=_user,
    help="Whose page is told.  [default: the one user the lines name, or 1]",
)
@click.option("--url", metavar="URL", help="The page, or a path of the server.  [default: as the suite says]")
@click.option("--no-inject", is_flag=True, help="The page brings its own client.")
@click.option("--no-calls", is_flag=True, help="Expect the events, and no calls of handlers.")
@filter_options
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def gen_test(
    file: str,
    out: str | None,
    user: int | None,
    url: str | None,
    no_inject: bool,
    no_calls: bool,
    modules: tuple[str, ...],
    commands: tuple[str, ...],
    force: bool,
    as_json: bool,
) -> None:
    """Write a pytest file that tells a page the events of a capture again.

    FILE is a capture as for 'bxpull replay'. The test expects for each event that handlers are called: those
    that were, where the capture says so; any one, where it does not. A long capture is written beside the
    test. The page is what pull_page opens: give --url, or override the fixture pull_page_url.

    \b
    bxpull gen-test capture.jsonl --url http://localhost:8000/chat
    pytest test_capture.py
    """  # noqa: D301 - a backspace keeps click from joining the lines
    from bxpull.capture_input import read_given
    from bxpull.gen_test import Wish, file_name, outputs_of
    from bxpull.outputs import write_all
    from bxpull_server.capture.receivers import user_of_page

    capture = read_given(file, modules, commands)
    path = Path(out if out is not None else file_name("" if file == "-" else file))
    whose = user_of_page(capture.events) if user is None else user
    outputs = outputs_of(capture, Wish(path, whose, url, not no_inject, not no_calls))
    for output in outputs:
        if file != "-" and output.path.exists() and output.path.samefile(file):
            raise InputError(f"{output.path} is the capture itself; choose another name for the test with -o")
        if output.path.exists() and not force:
            raise InputError(f"{output.path} exists already; use --force to overwrite it")
    write_all(outputs)
    _warn(capture, whose, is_chosen=user is not None)
    written = [str(output.path) for output in outputs]
    if as_json:
        left_out = dict(capture.left_out)
        click.echo(json.dumps({"files": written, "events": len(capture.events), "left_out": left_out}))
    else:
        click.echo(f"wrote {' and '.join(written)}; run it with 'pytest {path}'")


def _warn(capture: Capture, user: int, *, is_chosen: bool) -> None:
    from bxpull_server.capture.receivers import named_users

    left_out = capture.told_left_out()
    if left_out:
        click.secho(f"{cut(capture.name)}: {left_out}", fg="yellow", err=True)
    users = named_users(capture.events)
    if len(users) > 1 and not is_chosen:
        named = ", ".join(map(str, users[:5])) + (" and more" if len(users) > 5 else "")
        click.secho(
            f"{cut(capture.name)}: was for users {named}, and all of it is told to user {user}: "
            "choose one with --user N, or when it is taken, with 'bxpull tail --user N'",
            fg="yellow",
            err=True,
        )
