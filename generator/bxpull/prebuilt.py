"""The client's bundles that the wheel carries: their place, stamp and reading.

The embedded engine has no others; the native engine takes the small ones, which are smaller than its own.

The folder ``_prebuilt`` (another one if ``$BXPULL_PREBUILT`` says so) holds ``stamp.json`` and the texts it
names. Variants that come out the same share a text, as those for neighbouring targets often do. Source maps
are stored without the sources' text, which the package carries anyway.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Self

from bxpull.engines.base import Chunk, ClientRequest, SourceMap
from bxpull.engines.bundling import FOR_TERSER, MAP_ROOT
from bxpull.entry import COMPANION_FORMAT, COMPANIONS, client_entry
from bxpull.errors import PrebuiltError
from bxpull.locate import source_digest
from bxpull.options import FORMATS, BuildOptions
from bxpull.terser import SCRIPT

__all__ = ["Entry", "Prebuilt", "digest", "entries", "prebuilt_folder", "variant"]

PREBUILT_ENV = "BXPULL_PREBUILT"
_COMMAND = "python -m bxpull.prebuild"
_OWN_ENTRY_FIX = f"use engine native, or change bxpull's template and run '{_COMMAND}'"
_FIX = f"run '{_COMMAND}' (it needs esbuild and terser once), or use engine native"
_LAYOUT = "3"
_ENTRY_TEMPLATE = Path(__file__).resolve().parent / "templates" / "entry.js.j2"


def prebuilt_folder() -> Path:
    """Where the bundles are or will be."""
    return Path(os.environ.get(PREBUILT_ENV) or Path(__file__).resolve().parent / "_prebuilt")


def digest(root: Path) -> str:
    """What the bundles depend on, as one number: sources, entries, how to shrink, this layout."""
    texts = (path.read_text("utf-8") for path in (_ENTRY_TEMPLATE, SCRIPT))
    return source_digest(root, *texts, *COMPANIONS.values(), *FOR_TERSER, _LAYOUT)


class Entry(NamedTuple):
    """What a bundle is made of.

    Attributes:
        text: The entry module.
        format: ``iife`` or ``esm``.
    """

    text: str
    format: str


@cache
def entries() -> dict[str, Entry]:
    """What is bundled in advance, by name: the whole client, with and without sharing; worker and console."""
    clients = {
        f"{name}-{format_}": Entry(client_entry(BuildOptions(format=format_, shared_worker=shared)), format_)
        for name, shared in (("client", False), ("shared", True))
        for format_ in FORMATS
    }
    companions = {
        f"{kind}-{COMPANION_FORMAT}": Entry(text, COMPANION_FORMAT) for kind, text in COMPANIONS.items()
    }
    return clients | companions


def variant(request: ClientRequest) -> str | None:
    """Name of the request's bundle in the stamp; None if its entry is not bundled in advance."""
    wanted = Entry(request.entry, request.format)
    for name, entry in entries().items():
        if entry == wanted:
            return f"{name}-{request.target}{'-min' if request.minify else ''}"
    return None


class Prebuilt:
    """The bundles of one state of the sources.

    Args:
        folder: Where they are.
        stamp: The parsed ``stamp.json``.
        root: Folder with the client's sources.
    """

    def __init__(self, folder: Path, stamp: dict[str, Any], root: Path) -> None:
        self._folder, self._stamp, self._root = folder, stamp, root

    @classmethod
    def load(cls, root: Path, folder: Path | None = None) -> Self:
        """Reads the stamp and compares it with the sources under ``root``.

        Raises:
            PrebuiltError: If bundles are missing or were made from other sources.
        """
        folder = folder or prebuilt_folder()
        try:
            stamp = json.loads((folder / "stamp.json").read_text("utf-8"))
        except (OSError, ValueError):
            raise PrebuiltError("this installation carries no prebuilt client", _FIX) from None
        if stamp.get("digest") != digest(root):
            raise PrebuiltError("the prebuilt client is older than its sources", _FIX)
        for name in {name for files in stamp["variants"].values() for name in files.values()}:
            if not (folder / name).is_file():
                raise PrebuiltError(f"{folder / name} is missing", _FIX)
        return cls(folder, stamp, root)

    @property
    def esbuild(self) -> str:
        """Version of the esbuild that made the bundles."""
        return str(self._stamp["esbuild"])

    @property
    def terser(self) -> str:
        """Version of the terser that shrank the small ones."""
        return str(self._stamp["terser"])

    def chunk(self, request: ClientRequest) -> Chunk:
        """One bundle, with its source map if asked for.

        Raises:
            PrebuiltError: If it is not one of those made in advance, or a file that the stamp names is gone.
        """
        name = variant(request)
        if name is None:
            raise PrebuiltError("an own entry.js.j2 needs the client bundled anew", _OWN_ENTRY_FIX)
        files = self._stamp["variants"][name]
        try:
            code = (self._folder / files["code"]).read_text("utf-8")
            if not request.sourcemap:
                return Chunk(code)
            source_map: SourceMap = json.loads((self._folder / files["map"]).read_text("utf-8"))
        except OSError as error:
            # Made anew by another process since the stamp was read, perhaps.
            raise PrebuiltError(f"{error.filename} is missing", _FIX) from None
        source_map["sourcesContent"] = [
            self._source(name) if kept is None else kept
            for name, kept in zip(source_map["sources"], source_map["sourcesContent"], strict=True)
        ]
        return Chunk(code, source_map)

    def _source(self, name: str) -> str:
        return (self._root / PurePosixPath(name).relative_to(MAP_ROOT)).read_text("utf-8")
