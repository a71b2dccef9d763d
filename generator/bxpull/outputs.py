"""Writes results: describes them, lists them in the manifest, replaces files in one step."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import bxpull
from bxpull.errors import OutputError
from bxpull.result import OutputFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bxpull.engines import Engine
    from bxpull.options import BuildOptions

__all__ = ["MANIFEST_FORMAT", "Output", "describe", "gzip_size", "integrity_of", "manifest_text", "write_all"]

MANIFEST_FORMAT = 1
_GZIP_FRAME = 18
"""Bytes of gzip's header and trailer when it names neither file nor time."""


@dataclass(frozen=True)
class Output:
    """A file to be written.

    Attributes:
        path: Where to.
        kind: See ``OutputFile.kind``.
        text: Its content, to be encoded as UTF-8.
    """

    path: Path
    kind: str
    text: str


def gzip_size(data: bytes) -> int:
    """Size of ``data`` in bytes after gzip at level 9."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return len(deflate.compress(data)) + len(deflate.flush()) + _GZIP_FRAME


def describe(output: Output) -> OutputFile:
    """Sizes and integrity of a file."""
    data = output.text.encode("utf-8")
    return OutputFile(output.path, output.kind, len(data), gzip_size(data), integrity_of(data))


def integrity_of(data: bytes) -> str:
    """What an ``integrity`` attribute says of ``data``."""
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode("ascii")


def manifest_text(options: BuildOptions, engine: Engine, outputs: Sequence[Output]) -> str:
    """Text of ``manifest.json``: no dates, no folders, no secrets; the manifest does not list itself."""
    files = [
        {
            "path": item.path.name,
            "kind": item.kind,
            "bytes": item.bytes,
            "gzip_bytes": item.gzip_bytes,
            "integrity": item.integrity,
        }
        for item in map(describe, outputs)
    ]
    manifest = {
        "manifest": MANIFEST_FORMAT,
        "generator": f"bxpull {bxpull.__version__}",
        "engine": {"name": engine.name, "esbuild": engine.version},
        "options": _shown_options(options),
        "files": files,
    }
    return json.dumps(manifest, indent=2) + "\n"


def write_all(outputs: Iterable[Output]) -> None:
    """Writes the files in order, each replaced in one step.

    Raises:
        OutputError: If one cannot be written.
    """
    for output in outputs:
        try:
            output.path.parent.mkdir(parents=True, exist_ok=True)
            _replace(output.path, output.text.encode("utf-8"))
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"cannot write {output.path}: {reason}; choose another place") from None


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes private files; a web server has to read these.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _shown_options(options: BuildOptions) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in options.names():
        value = getattr(options, name)
        if name in ("out", "templates", "engine"):
            continue
        if name == "config":
            value = "embedded" if value is not None else None
        elif name == "scripts":
            value = [Path(item).name for item in value]
        elif name in ("rest_url", "config_url", "worker_url") and value is not None:
            value = _without_query(value)
        shown[name] = value
    return shown


def _without_query(url: str) -> str:
    return urlsplit(url)._replace(query="", fragment="").geturl() + ("?…" if urlsplit(url).query else "")
