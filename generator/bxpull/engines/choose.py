"""Chooses the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.engines.esbuild_binary import find_esbuild, require_esbuild
from bxpull.locate import client_root

if TYPE_CHECKING:
    from bxpull.engines.base import Engine

__all__ = ["choose_engine"]


def choose_engine(name: str) -> Engine:
    """The engine of that name.

    Args:
        name: ``native``, ``embedded`` or ``auto``: native when esbuild is there, else embedded.

    Raises:
        EngineMissingError: If native is asked for without an esbuild, or embedded with esbuild-py broken.
        PrebuiltError: If embedded is to be used and its bundles are missing or old.
        ClientSourceError: If the client's sources are not there.
    """
    root = client_root()
    esbuild = None
    if name == "native":
        esbuild = require_esbuild()
    elif name == "auto":
        esbuild = find_esbuild()
    if esbuild is not None:
        from bxpull.engines.native import NativeEngine

        return NativeEngine(esbuild, root)
    from bxpull.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(root)
