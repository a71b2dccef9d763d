"""The embedded engine: no Node.js and no binary, the client comes bundled in the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.engines import esbuild_py
from bxpull.engines.base import Chunk, ClientRequest, UserScript
from bxpull.engines.wrap import CLOSE, OPEN, module_mark
from bxpull.prebuilt import Prebuilt
from bxpull.script_syntax import locate_failure, refuse_jsx, refuse_module_syntax

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["EmbeddedEngine"]


class EmbeddedEngine:
    """Takes the bundles the native engine made at packaging time; esbuild-py checks and prints user scripts.

    Args:
        root: Folder with the client's sources, which tell whether the bundles are up to date.

    Raises:
        PrebuiltError: If the bundles are missing or were made from other sources.
    """

    name = "embedded"

    def __init__(self, root: Path) -> None:
        self._prebuilt = Prebuilt.load(root)

    @property
    def version(self) -> str:
        """Version of the esbuild that made the bundles."""
        return self._prebuilt.esbuild

    def client(self, request: ClientRequest) -> Chunk:
        """See ``Engine.client``."""
        return self._prebuilt.chunk(request)

    def script(self, script: UserScript, request: ClientRequest) -> Chunk:
        """See ``Engine.script``.

        Raises:
            EngineMissingError: If esbuild-py cannot be loaded.
            ScriptError: If the script cannot be embedded.
        """
        mark = module_mark(request.format)
        if esbuild_py.transform(script.source + mark) is None:
            raise locate_failure(script, lambda source: esbuild_py.accepts(source + mark))
        refuse_module_syntax(script)
        refuse_jsx(script)
        code = esbuild_py.transform(OPEN + script.source + CLOSE)
        if code is None:
            raise locate_failure(script, lambda source: esbuild_py.accepts(OPEN + source + CLOSE))
        return Chunk(code)

    def warnings(self, request: ClientRequest, *, scripts: int) -> list[str]:
        """See ``Engine.warnings``."""
        if not scripts:
            return []
        limits = [
            *([f"not lowered to {request.target}"] if request.target != "esnext" else []),
            *(["not minified"] if request.minify else []),
            *(["not in the source map"] if request.sourcemap else []),
        ]
        if not limits:
            return []
        return [
            f"engine embedded leaves your scripts as they are: {', '.join(limits)}; engine native does it"
        ]
