"""``bxpull init``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bxpull.errors import InputError
from bxpull.outputs import Output, write_all
from bxpull.render import render

__all__ = ["init"]

FILE_NAME = "bxpull.toml"


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite an existing bxpull.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print the file's path as JSON.")
def init(folder: Path, force: bool, as_json: bool) -> None:
    """Write a bxpull.toml with every option, its default and what it means, into FOLDER (default: here)."""
    path = folder / FILE_NAME
    if path.exists() and not force:
        raise InputError(f"{path} exists already; use --force to overwrite it")
    write_all([Output(path, "settings", settings_text())])
    if as_json:
        click.echo(json.dumps({"path": str(path)}))
    else:
        click.echo(f"wrote {path}; edit it, then run 'bxpull build'")


def settings_text() -> str:
    """The text of a new ``bxpull.toml``."""
    from bxpull.options import ENGINES, EVENTS, FORMATS, PROTOCOLS, SOURCEMAPS, BuildOptions

    return render(
        "bxpull.toml",
        defaults=BuildOptions(),
        engines=ENGINES,
        formats=FORMATS,
        sourcemaps=SOURCEMAPS,
        events=EVENTS,
        protocols=PROTOCOLS,
    )
