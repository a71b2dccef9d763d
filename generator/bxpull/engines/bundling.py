"""Bundles the client with the esbuild binary."""

from __future__ import annotations

import base64
import json
import posixpath
from typing import TYPE_CHECKING

from bxpull.engines.base import Chunk, ClientRequest, SourceMap
from bxpull.engines.messages import EsbuildMessage, parse_messages
from bxpull.errors import EngineFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bxpull.engines.esbuild_binary import EsbuildBinary

__all__ = ["COMMON", "FOR_TERSER", "MAP_ROOT", "SMALL", "bundle", "chunk_of"]

MAP_ROOT = "client/src"
"""What source maps call the folder of the client's sources."""

# No tsconfig or package.json around the sources may change the result.
COMMON = ("--log-level=error", "--log-limit=0", "--color=false", "--tsconfig-raw={}")
"""Arguments of every run."""

# By the client's convention such a property never leaves the bundle. __proto__ and the like are JavaScript's.
_MANGLE = ("--mangle-props=_$", "--reserve-props=__$")
SMALL = ("--minify", *_MANGLE)
"""Arguments that shrink the client as far as esbuild can."""
FOR_TERSER = ("--minify-syntax", "--minify-identifiers", *_MANGLE)
"""Arguments for a client that terser is to shrink: tried in all combinations, these leave it smallest."""

_ENTRY_NAME = "../../bxpull-entry.js"
"""Where the entry module seems to be, seen from the client's sources: beside ``client/``."""
_MAP_MARK = "//# sourceMappingURL=data:application/json;base64,"


def bundle(esbuild: EsbuildBinary, root: Path, request: ClientRequest, shrink: Sequence[str] = ()) -> Chunk:
    """The client as one text.

    Args:
        esbuild: The binary to run.
        root: Folder with the client's sources.
        request: What is wanted; of ``minify`` only ``shrink`` tells.
        shrink: ``SMALL``, ``FOR_TERSER`` or nothing.

    Raises:
        EngineFailedError: If esbuild refuses the client.
    """
    arguments = [
        *COMMON,
        "--bundle",
        # Always as a module: the assembler adds the function around it that an iife needs.
        "--format=esm",
        "--platform=browser",
        f"--sourcefile={_ENTRY_NAME}",
        f"--target={request.target}",
        # It came with ES2020, but every browser with modules knows it.
        "--supported:import-meta=true",
        *shrink,
        *(["--sourcemap=inline"] if request.sourcemap else []),
    ]
    done = esbuild.run(arguments, stdin=request.entry, cwd=root)
    if done.returncode != 0:
        raise EngineFailedError(_failure(parse_messages(done.stderr), done.stderr))
    return chunk_of(done.stdout, MAP_ROOT)


def chunk_of(output: str, folder: str) -> Chunk:
    """What esbuild printed, its inline map taken off.

    Args:
        output: The text.
        folder: What the map's sources are relative to.
    """
    code, mark, encoded = output.rpartition(_MAP_MARK)
    if not mark:
        return Chunk(output if output.endswith("\n") or not output else output + "\n")
    source_map: SourceMap = json.loads(base64.b64decode(encoded))
    source_map["sources"] = [
        posixpath.normpath(posixpath.join(folder, name)) for name in source_map["sources"]
    ]
    return Chunk(code if code.endswith("\n") or not code else code + "\n", source_map)


def _failure(messages: list[EsbuildMessage], output: str) -> str:
    if not messages:
        return f"esbuild could not bundle the client: {output.strip() or 'it printed nothing'}"
    lines = [
        f"  {item.path}:{item.line}:{item.column + 1}: {item.text}" if item.line else f"  {item.text}"
        for item in messages
    ]
    return "\n".join(["esbuild could not bundle the client:", *lines])
