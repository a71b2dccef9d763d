"""Chooses the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull.engines.esbuild_binary import INSTALL_HINT, find_esbuild, require_esbuild
from bxpull.errors import EngineMissingError, OptionError
from bxpull.locate import client_root

if TYPE_CHECKING:
    from bxpull.engines.base import Engine

__all__ = ["choose_engine"]


_WHOLE = "leave the options protocols, long_polling and shim at their defaults"


def choose_engine(name: str, *, whole_client: bool = True) -> Engine:
    """The engine of that name.

    The embedded engine has the whole client only, which tabs share a connection with or not. It does not
    stand in for a part of it: pages can tell the two apart, by what is spoken to a server that knows several
    formats for example.

    Args:
        name: ``native``, ``embedded`` or ``auto``: native when esbuild is there, else embedded.
        whole_client: Whether the client has every protocol, long polling and the shim.

    Raises:
        OptionError: If embedded is asked for a part of the client.
        EngineMissingError: If esbuild is needed and not there, or esbuild-py is broken.
        PrebuiltError: If embedded is to be used and its bundles are missing or old.
        ClientSourceError: If the client's sources are not there.
    """
    root = client_root()
    if name == "embedded":
        if not whole_client:
            raise OptionError(
                "engine", f"option engine: embedded carries the whole client only; use native, or {_WHOLE}"
            )
        esbuild = None
    elif whole_client:
        esbuild = require_esbuild() if name == "native" else find_esbuild()
    else:
        esbuild = find_esbuild()
        if esbuild is None:
            raise EngineMissingError(
                "engine native: no esbuild found, and only it bundles a part of the client; "
                f"{INSTALL_HINT}, or {_WHOLE}"
            )
    if esbuild is not None:
        from bxpull.engines.native import NativeEngine

        return NativeEngine(esbuild, root)
    from bxpull.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(root)
