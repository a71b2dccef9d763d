"""``bxpull build``."""

from __future__ import annotations

import json
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bxpull.cli.parameters import whole_number
from bxpull.errors import BxpullError
from bxpull.settings_file import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull.options import BuildOptions
    from bxpull.result import BuildResult

__all__ = ["build"]


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    """Reads names with commas between them."""
    return None if value is None else [name for part in value.split(",") if (name := part.strip())]


# No click.Choice: values are checked in one place, BuildOptions, which knows the nearest match.
@click.command()
@click.option("--out", metavar="PATH", help="Folder, or the bundle's file name (.js, .mjs). Default: dist")
@click.option("--engine", metavar="NAME", help="auto, native or embedded. Default: auto")
@click.option("--format", metavar="NAME", help="iife or esm. Default: iife")
@click.option("--target", metavar="NAME", help="es2015 to es2024 or esnext. Default: es2018")
@click.option(
    "--minify/--no-minify", default=None, help="Shrink the bundle, or leave it readable. Default: shrink."
)
@click.option(
    "--protocols",
    callback=_names,
    metavar="NAMES",
    help="Any of text (push server versions 1-3), protobuf (4), jsonrpc (5), with commas. Default: all",
)
@click.option(
    "--long-polling/--no-long-polling",
    default=None,
    help="Go on without WebSockets where need be. Default: yes",
)
@click.option("--shim/--no-shim", default=None, help="Bring BX for pages that have none. Default: yes")
@click.option(
    "--shared-worker/--no-shared-worker",
    default=None,
    help="Let a browser's tabs share one connection. Default: no",
)
@click.option("--worker-url", metavar="URL", help="Where pages find the shared worker's script.")
@click.option(
    "--console/--no-console",
    default=None,
    help="Write a script that captures, shows and replays events. Default: no",
)
@click.option("--types/--no-types", default=None, help="Write type declarations (.d.ts). Default: no")
@click.option("--sourcemap", metavar="KIND", help="none, linked, external or inline. Default: none")
@click.option("--autostart/--no-autostart", default=None, help="Connect once the page's DOM is ready.")
@click.option("--user-id", callback=whole_number, metavar="N", help="Positive id of the page's user.")
@click.option("--guest-id", callback=whole_number, metavar="-N", help="Negative id of a guest.")
@click.option("--rest-application", metavar="ID", help="Client id of an OAuth application.")
@click.option("--site-id", metavar="ID", help="Site id, such as s1.")
@click.option("--rest-url", metavar="URL", help="Where REST is called. Default: /rest/")
@click.option("--config-url", metavar="URL", help="URL that answers the Pull config instead of REST.")
@click.option("--config", metavar="FILE", help="JSON file with a Pull config to embed.")
@click.option("--events", metavar="KIND", help="desktop, mobile or both. Default: both")
@click.option(
    "--min-reconnect-delay",
    callback=whole_number,
    metavar="MS",
    help="Bound of the first wait after a lost connection. Default: 5000",
)
@click.option(
    "--max-reconnect-delay",
    callback=whole_number,
    metavar="MS",
    help="The longest wait for the next try. Default: 30000",
)
@click.option(
    "--publish-wait",
    callback=whole_number,
    metavar="MS",
    help="How long a message may wait for a connection. Default: 10000",
)
@click.option(
    "--max-task-time",
    callback=whole_number,
    metavar="MS",
    help="How long a burst of events is handled before the page has its turn. Default: 16",
)
@click.option(
    "--skip-check-revision/--check-revision", default=None, help="Accept servers of any API revision."
)
@click.option(
    "--script", "scripts", multiple=True, metavar="FILE", help="Own script to append; may be repeated."
)
@click.option("--banner", metavar="TEXT", help="Comment at the top of the bundle.")
@click.option("--demo/--no-demo", default=None, help="Write the demo page. Default: yes")
@click.option("--templates", metavar="DIR", help="Folder with own *.j2 templates.")
@click.option(
    "--settings", metavar="FILE", help="bxpull.toml or pyproject.toml. Default: the nearest one upwards"
)
@click.option(
    "--watch", is_flag=True, help="Build again whenever settings, config, scripts or templates change."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; watching, a line a build.")
def build(settings: str | None, watch: bool, as_json: bool, **given: Any) -> None:
    """Generate the client bundle, a snippet, a manifest and a demo page.

    Options come from [build] in the nearest bxpull.toml, or [tool.bxpull.build] in pyproject.toml, and from
    here; what is given here wins.
    """
    from bxpull.builder import build as run

    file = None if settings is None else Path(settings)
    changes = {name: value for name, value in given.items() if value not in (None, ())}

    def options() -> BuildOptions:
        return _merged(load_settings(file), changes)

    if watch:
        _watch(file, options, as_json=as_json)
        return
    result = run(options())
    if as_json:
        click.echo(json.dumps(_as_data(result), indent=2))
    else:
        _show(result)


def _watch(settings: Path | None, options: Callable[[], BuildOptions], *, as_json: bool) -> None:
    from bxpull.builder import build as run
    from bxpull.watch import keep_building, sources

    def once() -> None:
        try:
            began = time.perf_counter()
            result = run(options())
            took_ms = (time.perf_counter() - began) * 1000
        except BxpullError as error:
            click.echo(f"Error: {error}", err=True)
            return
        if as_json:
            click.echo(json.dumps(_as_data(result)))
        else:
            _show(result)
            click.echo(f"built in {took_ms:.0f} ms; watching, Ctrl-C ends it")

    # As with tail and serve, also where a script started it in the background: shells have it ignored there.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        keep_building(once, lambda: sources(settings, options))


def _merged(options: BuildOptions, given: dict[str, Any]) -> BuildOptions:
    changes = dict(given)
    # One source of the config, one kind of visitor: the command line replaces what the file says.
    for first, second in (("config", "config_url"), ("user_id", "guest_id")):
        if first in changes and second not in changes:
            changes[second] = None
        elif second in changes and first not in changes:
            changes[first] = None
    return options.with_changes(changes)


def _as_data(result: BuildResult) -> dict[str, Any]:
    return {
        "engine": result.engine,
        "esbuild": result.engine_version,
        "warnings": list(result.warnings),
        "files": [
            {
                "path": str(item.path),
                "kind": item.kind,
                "bytes": item.bytes,
                "gzip_bytes": item.gzip_bytes,
                "integrity": item.integrity,
            }
            for item in result.files
        ],
    }


def _show(result: BuildResult) -> None:
    rows = [("file", "bytes", "gzip", "integrity")]
    rows += [
        (str(item.path), f"{item.bytes:,}", f"{item.gzip_bytes:,}", item.integrity[:18] + "…")
        for item in result.files
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for number, row in enumerate(rows):
        line = f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]}"
        click.secho(line, bold=number == 0, dim=number > 1)
    for warning in result.warnings:
        click.secho(f"Warning: {warning}", fg="yellow", err=True)
    click.echo(f"engine {result.engine} (esbuild {result.engine_version})")
