"""The scripts beside the bundle: the shared worker's, and the console."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import bxpull
from bxpull.engines import ClientRequest
from bxpull.entry import COMPANION_FORMAT, COMPANIONS

if TYPE_CHECKING:
    from bxpull.engines import Chunk, Engine
    from bxpull.options import BuildOptions

__all__ = ["companion_chunk", "companion_name"]


def companion_chunk(kind: str, engine: Engine, options: BuildOptions) -> Chunk:
    """The script as statements.

    Args:
        kind: ``worker`` or ``console``.
        engine: What bundles.
        options: Target, size and source map are those of the bundle.

    Raises:
        EngineFailedError: If esbuild refused it.
        PrebuiltError: If there is no up-to-date bundle of it.
    """
    return engine.client(
        ClientRequest(
            entry=COMPANIONS[kind],
            format=COMPANION_FORMAT,
            target=options.target,
            minify=options.minify,
            sourcemap=options.sourcemap != "none",
        )
    )


def companion_name(kind: str, chunk: Chunk) -> str:
    """The file's name: other content, other name.

    So pages of two versions never share a worker, and every script may be cached for ever.
    """
    digest = hashlib.sha256(chunk.code.encode("utf-8")).hexdigest()[:8]
    return f"bxpull-{kind}-{bxpull.__version__}-{digest}.js"
