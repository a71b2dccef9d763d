"""The script of the shared worker, through which the tabs of a browser share one connection."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import bxpull
from bxpull.engines import ClientRequest
from bxpull.entry import WORKER_ENTRY, WORKER_FORMAT

if TYPE_CHECKING:
    from bxpull.engines import Chunk, Engine
    from bxpull.options import BuildOptions

__all__ = ["worker_chunk", "worker_name"]


def worker_chunk(engine: Engine, options: BuildOptions) -> Chunk:
    """The script as statements.

    Raises:
        EngineFailedError: If esbuild refused it.
        PrebuiltError: If there is no up-to-date bundle of it.
    """
    return engine.client(
        ClientRequest(
            entry=WORKER_ENTRY,
            format=WORKER_FORMAT,
            target=options.target,
            minify=options.minify,
            sourcemap=options.sourcemap != "none",
        )
    )


def worker_name(chunk: Chunk) -> str:
    """The file's name: other content, other name, so that pages of two versions never share a worker."""
    digest = hashlib.sha256(chunk.code.encode("utf-8")).hexdigest()[:8]
    return f"bxpull-worker-{bxpull.__version__}-{digest}.js"
