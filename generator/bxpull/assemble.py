"""Puts the chunks of an engine, the settings and the banner together into one file."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from bxpull import sourcemap
from bxpull.engines.base import PLACEHOLDER, Chunk
from bxpull.errors import EngineFailedError
from bxpull.escape import comment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bxpull.engines.base import SourceMap

__all__ = ["Assembly", "assemble"]

# A function around the client only, so that its strictness does not reach the user's scripts.
_IIFE_PLAIN = ('(() => {\n"use strict";\n', "})();\n")
_IIFE_SMALL = ('(()=>{"use strict";\n', "})();\n")


@dataclass(frozen=True)
class Assembly:
    """The finished text.

    Attributes:
        code: The bundle.
        map: Its source map as text, or None if none is to be written beside it.
    """

    code: str
    map: str | None


def assemble(
    client: Chunk,
    settings: str | None,
    scripts: Sequence[Chunk],
    *,
    name: str,
    format_: str,
    minify: bool,
    map_kind: str,
    banner: str = "",
) -> Assembly:
    """One bundle.

    Args:
        client: The client with ``PLACEHOLDER`` in it once.
        settings: What to put in its place: an expression in one line. None: there is no ``PLACEHOLDER``.
        scripts: What follows, each complete in itself.
        name: File name of the bundle.
        format_: ``iife`` or ``esm``.
        minify: Whether the frame around the client is to be small.
        map_kind: ``none``, ``linked``, ``external`` or ``inline``.
        banner: Text for a comment at the top, or nothing.

    Raises:
        EngineFailedError: If the client has no single ``PLACEHOLDER``.
    """
    before, after = (_IIFE_SMALL if minify else _IIFE_PLAIN) if format_ == "iife" else ("", "")
    head = f"/*! {comment_text(banner)} */\n" if banner else ""
    if settings is not None:
        client = _with_settings(client, settings)
    chunks = [Chunk(head + before), client, Chunk(after), *scripts]
    code = "".join(chunk.code for chunk in chunks)
    if map_kind == "none":
        return Assembly(code, None)
    joined = sourcemap.join(((chunk.code.count("\n"), chunk.map) for chunk in chunks), name)
    text = json.dumps(joined, separators=(",", ":"), ensure_ascii=False) + "\n"
    if map_kind == "inline":
        data = base64.b64encode(text.encode("utf-8")).decode("ascii")
        return Assembly(f"{code}//# sourceMappingURL=data:application/json;base64,{data}\n", None)
    link = f"//# sourceMappingURL={quote(name)}.map\n" if map_kind == "linked" else ""
    return Assembly(code + link, text)


def _with_settings(client: Chunk, settings: str) -> Chunk:
    before, mark, after = client.code.partition(PLACEHOLDER)
    if not mark or PLACEHOLDER in after:
        raise EngineFailedError(
            f"the bundled client has {PLACEHOLDER} {client.code.count(PLACEHOLDER)} times, not once"
        )
    source_map: SourceMap | None = client.map
    if source_map is not None:
        line = before.count("\n")
        column = len(before) - (before.rfind("\n") + 1)
        source_map = sourcemap.insert_text(source_map, line, column, len(settings) - len(PLACEHOLDER))
    return Chunk(before + settings + after, source_map)
