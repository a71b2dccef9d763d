"""``bxpull init``."""

from __future__ import annotations

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
def init(folder: Path, force: bool) -> None:
    """Write a bxpull.toml with every option, its default and what it means, into FOLDER (default: here)."""
    path = folder / FILE_NAME
    if path.exists() and not force:
        raise InputError(f"{path} exists already; use --force to overwrite it")
    write_all([Output(path, "settings", settings_text())])
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
