"""Engines turn the TypeScript client and user scripts into JavaScript of the asked edition.

An engine only makes *chunks* of text; putting them together is the same for all (``bxpull.assemble``). It
leaves the name ``PLACEHOLDER`` where the settings go, so that these stand in the result exactly as they were
escaped.
"""

from __future__ import annotations

from bxpull.engines.base import PLACEHOLDER, Chunk, ClientRequest, Engine, UserScript
from bxpull.engines.choose import choose_engine

__all__ = ["PLACEHOLDER", "Chunk", "ClientRequest", "Engine", "UserScript", "choose_engine"]
