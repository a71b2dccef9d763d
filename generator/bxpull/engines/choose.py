"""Chooses the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.engines.esbuild_binary import INSTALL_HINT, find_esbuild, require_esbuild
from bxpull.errors import EngineMissingError, OptionError
from bxpull.locate import client_root

if TYPE_CHECKING:
    from bxpull.engines.base import Engine

__all__ = ["choose_engine"]


_USUAL = "leave the options protocols, long_polling, shim and shared_worker at their defaults"


def choose_engine(name: str, *, usual_client: bool = True) -> Engine:
    """The engine of that name.

    The embedded engine has the usual client only. It does not stand in for another: pages can tell the two
    apart, by what is spoken to a server that knows several formats for example.

    Args:
        name: ``native``, ``embedded`` or ``auto``: native when esbuild is there, else embedded.
        usual_client: Whether the client consists of what it does by default: every protocol, long polling
            and the shim.

    Raises:
        OptionError: If embedded is asked for another client.
        EngineMissingError: If esbuild is needed and not there, or esbuild-py is broken.
        PrebuiltError: If embedded is to be used and its bundles are missing or old.
        ClientSourceError: If the client's sources are not there.
    """
    root = client_root()
    if name == "embedded":
        if not usual_client:
            raise OptionError(
                "engine", f"option engine: embedded carries the usual client only; use native, or {_USUAL}"
            )
        esbuild = None
    elif usual_client:
        esbuild = require_esbuild() if name == "native" else find_esbuild()
    else:
        esbuild = find_esbuild()
        if esbuild is None:
            raise EngineMissingError(
                "engine native: no esbuild found, and only it bundles another client than the usual; "
                f"{INSTALL_HINT}, or {_USUAL}"
            )
    if esbuild is not None:
        from bxpull.engines.native import NativeEngine

        return NativeEngine(esbuild, root)
    from bxpull.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(root)
