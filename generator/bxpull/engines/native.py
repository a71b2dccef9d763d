"""The native engine: esbuild's own binary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bxpull import sourcemap
from bxpull.engines.base import Chunk, ClientRequest, UserScript
from bxpull.engines.bundling import COMMON, FOR_TERSER, SMALL, bundle, chunk_of
from bxpull.engines.messages import EsbuildMessage, parse_messages
from bxpull.engines.wrap import CLOSE, OPEN, OPENED, module_mark
from bxpull.errors import EngineMissingError, PrebuiltError, ScriptError
from bxpull.prebuilt import Prebuilt
from bxpull.script_syntax import JSX_REASON, columns_from_bytes, refuse_module_syntax
from bxpull.terser import require_terser

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bxpull.engines.esbuild_binary import EsbuildBinary

__all__ = ["NativeEngine"]

_AFTER_THE_END = re.compile(r'"(export|\})"')


class NativeEngine:
    """Bundles and transpiles with the esbuild binary.

    A minified client that is whole is the prebuilt one, to save the time, unless the sources have changed
    since. Any other is made in the same way, or by esbuild alone where terser is missing.

    Args:
        esbuild: The binary to run.
        root: Folder with the client's sources.
    """

    name = "native"

    def __init__(self, esbuild: EsbuildBinary, root: Path) -> None:
        self._esbuild = esbuild
        self._root = root
        self._notes: list[str] = []

    @property
    def version(self) -> str:
        """Esbuild's version."""
        return self._esbuild.version

    def client(self, request: ClientRequest) -> Chunk:
        """See ``Engine.client``."""
        if not request.minify:
            return self._bundle(request)
        prebuilt = self._take_prebuilt(request)
        if prebuilt is not None:
            return prebuilt
        try:
            terser = require_terser()
        except EngineMissingError as error:
            self._notes = [f"engine native: this client is shrunk by esbuild alone and larger: {error}"]
            return self._bundle(request, SMALL)
        (chunk,) = terser.shrink([(self._bundle(request, FOR_TERSER), request.target)])
        return chunk

    def script(self, script: UserScript, request: ClientRequest) -> Chunk:
        """See ``Engine.script``."""
        refuse_module_syntax(script)
        # Alone first: within the function around it, a stray brace would be read differently.
        self._transform(script, script.source + module_mark(request.format), ["--format=iife"])
        code = self._transform(script, OPEN + script.source + CLOSE, _output(request), shift=len(OPEN))
        return _scoped(_unwrapped(chunk_of(code, ""), script))

    def warnings(self, request: ClientRequest, *, scripts: int) -> list[str]:  # noqa: ARG002 - the interface's
        """See ``Engine.warnings``."""
        return self._notes

    def _bundle(self, request: ClientRequest, shrink: Sequence[str] = ()) -> Chunk:
        return bundle(self._esbuild, self._root, request, shrink)

    def _take_prebuilt(self, request: ClientRequest) -> Chunk | None:
        try:
            return Prebuilt.load(self._root).chunk(request)
        except PrebuiltError:
            return None

    def _transform(self, script: UserScript, source: str, extra: list[str], shift: int = 0) -> str:
        arguments = [*COMMON, "--loader=js", f"--sourcefile={script.label}", *extra]
        done = self._esbuild.run(arguments, stdin=source)
        if done.returncode == 0:
            return done.stdout
        messages = parse_messages(done.stderr)
        if not messages:
            raise ScriptError(script.name, f"esbuild failed: {done.stderr.strip() or done.returncode}")
        raise _script_error(script, messages[0], shift)


def _output(request: ClientRequest) -> list[str]:
    return [
        f"--target={request.target}",
        *(["--minify"] if request.minify else []),
        *(["--sourcemap=inline"] if request.sourcemap else []),
    ]


def _script_error(script: UserScript, message: EsbuildMessage, shift: int) -> ScriptError:
    if not message.line:
        return ScriptError(script.name, message.text)
    lines = script.source.split("\n")
    if message.line > len(lines):
        # What follows the script is ours: for its author that is the end.
        reason = _AFTER_THE_END.sub("end of file", message.text)
        return ScriptError(script.name, reason, len(lines), len(lines[-1]) + 1, script.source)
    text = lines[message.line - 1]
    column = columns_from_bytes(text, message.column - (shift if message.line == 1 else 0))
    reason = JSX_REASON if message.text.startswith("The JSX syntax") else message.text
    return ScriptError(script.name, reason, message.line, column, script.source)


def _unwrapped(chunk: Chunk, script: UserScript) -> Chunk:
    """The chunk with a map that speaks of the script as it is, without the function we put around it."""
    if chunk.map is None:
        return chunk
    last = script.source.count("\n")
    lines = [
        [
            (
                segment[0],
                segment[1],
                segment[2],
                max(0, segment[3] - (0 if segment[2] else len(OPEN))),
                *segment[4:],
            )
            for segment in segments
            if len(segment) > 1 and segment[2] <= last
        ]
        for segments in sourcemap.decode(chunk.map["mappings"])
    ]
    plain = {
        "mappings": sourcemap.encode(lines),
        "sources": [script.label],
        "sourcesContent": [script.source],
    }
    return Chunk(chunk.code, {**chunk.map, **plain})


def _scoped(chunk: Chunk) -> Chunk:
    """The chunk with the helpers inside a scope that esbuild put before the function to lower its syntax.

    Not left to ``--format=iife``: with that, a ``this`` outside functions becomes an empty object.
    """
    if chunk.code.startswith(OPENED):
        return chunk
    moved = None if chunk.map is None else {**chunk.map, "mappings": ";" + chunk.map["mappings"]}
    return Chunk(f"{OPEN}\n{chunk.code.rstrip()}{CLOSE}\n", moved)
