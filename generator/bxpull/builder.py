"""``build()``: from options to files."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bxpull.assemble import assemble
from bxpull.companions import companion_chunk, companion_name
from bxpull.declarations import declarations, declarations_name
from bxpull.engines import ClientRequest, choose_engine
from bxpull.entry import COMPANION_FORMAT, client_entry
from bxpull.errors import OptionError
from bxpull.escape import script_json
from bxpull.locate import client_root
from bxpull.options import BuildOptions
from bxpull.outputs import Output, describe, manifest_text, write_all
from bxpull.previous import left_over, remove_all
from bxpull.pull_config import load_config
from bxpull.render import render, replaces_none
from bxpull.result import BuildResult
from bxpull.scripts import load_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bxpull.assemble import Assembly
    from bxpull.engines import Chunk, Engine

__all__ = ["build", "client_settings"]

_ENDS_INLINE = re.compile("<!--|</script", re.IGNORECASE)
_NO_DEMO = (
    "the demo page is left out: it has no BX of its own; build with the option shim, "
    "or set the option demo to false"
)
_NO_WORKER = "the option worker_url is of no use without a shared worker: set the option shared_worker"
_TEMPLATES = ("entry.js", "bxpull.d.ts", "snippet.html", "demo.html", "demo.js", "demo.css")
_NO_TEMPLATE = (
    "the folder of the option templates replaces nothing: its files need the names of ours, which are "
    + ", ".join(f"{name}.j2" for name in _TEMPLATES)
)
_RESERVED = ("demo.js", "demo.css", "demo.html", "snippet.html", "manifest.json")


def build(options: BuildOptions | None = None, /, **changes: Any) -> BuildResult:
    """Builds the client for a page and writes it with its companions.

    The bundle, ``manifest.json``, ``snippet.html``, the shared worker's script, the console and the type
    declarations if they are wanted, and, unless switched off or without the shim, ``demo.html``, ``demo.js``
    and ``demo.css`` go to one folder; the same options and sources give the same bytes. Each file is replaced
    in one step, the manifest last, and nothing is written unless everything could be made. What an earlier
    build of the same bundle wrote and this one does not, is removed if nobody changed it since.

    Args:
        options: What to build; None: the defaults.
        changes: Options by name, on top of ``options``.

    Returns:
        What was written, and by which engine.

    Raises:
        InputError: If an option, the config, a script or a template cannot be used.
        EnvironmentProblem: If no engine can be used or a file cannot be written.
    """
    options = (options or BuildOptions()).with_changes(changes)
    folder, name = _destination(Path(options.out))
    templates = None if options.templates is None else Path(options.templates)
    settings = client_settings(options)
    scripts = [load_script(path, number) for number, path in enumerate(options.scripts, start=1)]
    engine = choose_engine(options.engine, whole_client=options.whole_client)
    request = ClientRequest(
        entry=client_entry(options, templates),
        format=options.format,
        target=options.target,
        minify=options.minify,
        sourcemap=options.sourcemap != "none",
    )
    client = engine.client(request)
    chunks = [engine.script(script, request) for script in scripts]
    worker = _companion("worker", engine, options, folder) if options.shared_worker else []
    console = _companion("console", engine, options, folder) if options.console else []
    if worker:
        settings["sharedWorker"] = options.worker_url or worker[0].path.name
    assembly = assemble(
        client,
        script_json(settings, compact=options.minify),
        chunks,
        name=name,
        format_=options.format,
        minify=options.minify,
        map_kind=options.sourcemap,
        banner=options.banner,
    )
    types = _types(options, folder, name, templates) if options.types else []
    outputs = _outputs(options, assembly, worker, console, types, folder, name, templates)
    outputs.append(Output(folder / "manifest.json", "manifest", manifest_text(options, engine, outputs)))
    left = left_over(outputs)
    write_all(outputs[:-1])
    remove_all(left)
    write_all(outputs[-1:])
    named = [
        (f"script {posixpath.basename(script.label)}", chunk)
        for script, chunk in zip(scripts, chunks, strict=True)
    ]
    return BuildResult(
        files=tuple(describe(output) for output in outputs),
        engine=engine.name,
        engine_version=engine.version,
        warnings=(
            *engine.warnings(request, scripts=len(scripts)),
            *([_NO_DEMO] if options.demo and not options.shim else []),
            *([_NO_WORKER] if options.worker_url and not options.shared_worker else []),
            *([_NO_TEMPLATE] if templates is not None and replaces_none(templates, _TEMPLATES) else []),
            *_warnings([("the client", client), *named]),
        ),
    )


def client_settings(options: BuildOptions) -> dict[str, Any]:
    """The settings for the client's ``install()``: only what differs from its defaults."""
    settings: dict[str, Any] = {
        "userId": options.user_id,
        "guestUserId": options.guest_id,
        "restApplication": options.rest_application,
        "siteId": options.site_id,
        "restUrl": options.rest_url,
        "configUrl": options.config_url,
        "config": None if options.config is None else load_config(options.config),
        "autostart": options.autostart or None,
        "events": None if options.events == "both" else options.events,
        "minReconnectDelay": options.min_reconnect_delay,
        "maxReconnectDelay": options.max_reconnect_delay,
        "publishWait": options.publish_wait,
        "maxTaskTime": options.max_task_time,
        "skipCheckRevision": options.skip_check_revision or None,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _destination(out: Path) -> tuple[Path, str]:
    if out.suffix not in (".js", ".mjs"):
        return out, "bxpull.js"
    if out.name in _RESERVED:
        raise OptionError("out", f"option out: {out.name!r} is written by bxpull itself; choose another name")
    return out.parent, out.name


def _companion(kind: str, engine: Engine, options: BuildOptions, folder: Path) -> list[Output]:
    """A script beside the bundle, and its map if it is to have one beside it."""
    chunk = companion_chunk(kind, engine, options)
    name = companion_name(kind, chunk)
    assembly = assemble(
        chunk,
        None,
        [],
        name=name,
        format_=COMPANION_FORMAT,
        minify=options.minify,
        map_kind=options.sourcemap,
        banner=options.banner,
    )
    return _with_map(Output(folder / name, kind, assembly.code), assembly)


def _types(options: BuildOptions, folder: Path, name: str, templates: Path | None) -> list[Output]:
    """The type declarations."""
    text = declarations(client_root(), options, templates)
    return [Output(folder / declarations_name(name, options.format), "types", text)]


def _with_map(script: Output, assembly: Assembly) -> list[Output]:
    if assembly.map is None:
        return [script]
    return [script, Output(script.path.with_name(f"{script.path.name}.map"), "map", assembly.map)]


def _outputs(
    options: BuildOptions,
    assembly: Assembly,
    worker: Sequence[Output],
    console: Sequence[Output],
    types: Sequence[Output],
    folder: Path,
    name: str,
    templates: Path | None,
) -> list[Output]:
    bundle = Output(folder / name, "bundle", assembly.code)
    outputs = [*_with_map(bundle, assembly), *worker, *console, *types]
    values = {
        "bundle": name,
        "bundle_url": quote(name),
        "integrity": describe(bundle).integrity,
        "format": options.format,
        "autostart": options.autostart,
        "events": options.events,
        "shim": options.shim,
        "worker": worker[0].path.name if worker else None,
        "worker_url": options.worker_url,
        "console": console[0].path.name if console else None,
        "console_integrity": describe(console[0]).integrity if console else None,
    }
    outputs.append(Output(folder / "snippet.html", "snippet", render("snippet.html", templates, **values)))
    if options.demo and options.shim:
        outputs += [
            Output(folder / file, "demo", render(file, templates, **values))
            for file in ("demo.html", "demo.js", "demo.css")
        ]
    return outputs


def _warnings(parts: Iterable[tuple[str, Chunk]]) -> list[str]:
    """A sentence for each part of the bundle that HTML would not read as a script's text to its end."""
    found = []
    for name, chunk in parts:
        marks = sorted({match[0].lower() for match in _ENDS_INLINE.finditer(chunk.code)})
        if marks:
            held = " and ".join(f"'{mark}'" for mark in marks)
            found.append(f"{name} holds {held}: load the bundle by src, not inline in HTML")
    return found
