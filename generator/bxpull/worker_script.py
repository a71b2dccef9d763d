"""The script of the shared worker, through which the tabs of a browser share one connection."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import bxpull
from bxpull.engines import ClientRequest

if TYPE_CHECKING:
    from bxpull.engines import Chunk, Engine
    from bxpull.options import BuildOptions

__all__ = ["worker_chunk", "worker_name"]

_ENTRY = 'import "./worker";\n'


def worker_chunk(engine: Engine, options: BuildOptions) -> Chunk:
    """The script as statements.

    Raises:
        EngineFailedError: If esbuild refused it.
    """
    # A classic script, whatever the bundle is: not every browser with shared workers takes modules for them.
    return engine.client(
        ClientRequest(
            entry=_ENTRY,
            format="iife",
            target=options.target,
            minify=options.minify,
            sourcemap=options.sourcemap != "none",
        )
    )


def worker_name(chunk: Chunk) -> str:
    """The file's name: other content, other name, so that pages of two versions never share a worker."""
    digest = hashlib.sha256(chunk.code.encode("utf-8")).hexdigest()[:8]
    return f"bxpull-worker-{bxpull.__version__}-{digest}.js"
