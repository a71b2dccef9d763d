"""The native engine: esbuild's own binary."""

from __future__ import annotations

import base64
import json
import posixpath
import re
from typing import TYPE_CHECKING

from bxpull import sourcemap
from bxpull.engines.base import Chunk, ClientRequest, SourceMap, UserScript
from bxpull.engines.messages import EsbuildMessage, parse_messages
from bxpull.engines.wrap import CLOSE, OPEN, module_mark
from bxpull.errors import EngineFailedError, ScriptError
from bxpull.script_syntax import JSX_REASON, columns_from_bytes, refuse_module_syntax

if TYPE_CHECKING:
    from pathlib import Path

    from bxpull.engines.esbuild_binary import EsbuildBinary

__all__ = ["NativeEngine"]

ENTRY_NAME = "../../bxpull-entry.js"
"""Where the entry module seems to be, seen from the client's sources: beside ``client/``."""

_AFTER_THE_END = re.compile(r'"(export|\})"')
_MAP_MARK = "//# sourceMappingURL=data:application/json;base64,"
# No tsconfig or package.json around the sources may change the result.
_COMMON = ["--log-level=error", "--log-limit=0", "--color=false", "--tsconfig-raw={}"]


class NativeEngine:
    """Bundles and transpiles with the esbuild binary.

    Args:
        esbuild: The binary to run.
        root: Folder with the client's sources.
    """

    name = "native"

    def __init__(self, esbuild: EsbuildBinary, root: Path) -> None:
        self._esbuild = esbuild
        self._root = root

    @property
    def version(self) -> str:
        """Esbuild's version."""
        return self._esbuild.version

    def client(self, request: ClientRequest) -> Chunk:
        """See ``Engine.client``."""
        # Always as a module: the assembler adds the function around it that an iife needs.
        arguments = ["--bundle", "--format=esm", "--platform=browser", f"--sourcefile={ENTRY_NAME}"]
        done = self._esbuild.run(
            [*_COMMON, *arguments, *_output(request)], stdin=request.entry, cwd=self._root
        )
        if done.returncode != 0:
            raise EngineFailedError(_client_failure(parse_messages(done.stderr), done.stderr))
        return _chunk(done.stdout, "client/src")

    def script(self, script: UserScript, request: ClientRequest) -> Chunk:
        """See ``Engine.script``."""
        refuse_module_syntax(script)
        # Alone first: within the function around it, a stray brace would be read differently.
        self._transform(script, script.source + module_mark(request.format), ["--format=iife"])
        code = self._transform(script, OPEN + script.source + CLOSE, _output(request), shift=len(OPEN))
        return _unwrapped(_chunk(code, ""), script)

    def warnings(self, request: ClientRequest, *, scripts: int) -> list[str]:  # noqa: ARG002 - the interface's
        """See ``Engine.warnings``."""
        return []

    def _transform(self, script: UserScript, source: str, extra: list[str], shift: int = 0) -> str:
        arguments = [*_COMMON, "--loader=js", f"--sourcefile={script.label}", *extra]
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


def _chunk(output: str, folder: str) -> Chunk:
    code, mark, encoded = output.rpartition(_MAP_MARK)
    if not mark:
        return Chunk(output if output.endswith("\n") or not output else output + "\n")
    source_map: SourceMap = json.loads(base64.b64decode(encoded))
    source_map["sources"] = [
        posixpath.normpath(posixpath.join(folder, name)) for name in source_map["sources"]
    ]
    return Chunk(code if code.endswith("\n") or not code else code + "\n", source_map)


def _client_failure(messages: list[EsbuildMessage], output: str) -> str:
    if not messages:
        return f"esbuild could not bundle the client: {output.strip() or 'it printed nothing'}"
    lines = [
        f"  {item.path}:{item.line}:{item.column + 1}: {item.text}" if item.line else f"  {item.text}"
        for item in messages
    ]
    return "\n".join(["esbuild could not bundle the client:", *lines])


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
