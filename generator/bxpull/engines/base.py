"""The interface of an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["PLACEHOLDER", "Chunk", "ClientRequest", "Engine", "SourceMap", "UserScript"]

PLACEHOLDER = "__BXPULL_SETTINGS__"

SourceMap = dict[str, Any]
"""A source map of version 3 as ``json`` reads it."""


@dataclass(frozen=True)
class ClientRequest:
    """What an engine needs to know to bundle the client.

    Attributes:
        entry: Text of the entry module; holds ``PLACEHOLDER`` once and no settings, or needs none.
        format: ``iife`` or ``esm``.
        target: ``es2015`` … ``esnext``.
        minify: Whether to shrink.
        sourcemap: Whether a map is wanted.
    """

    entry: str
    format: str
    target: str
    minify: bool
    sourcemap: bool


@dataclass(frozen=True)
class UserScript:
    """A script of the user's.

    Attributes:
        name: As the user named it, for messages.
        label: File name without folders, for the source map.
        source: Its text.
    """

    name: str
    label: str
    source: str


@dataclass(frozen=True)
class Chunk:
    """Text for the bundle. It ends with a line break.

    Attributes:
        code: JavaScript statements for the top level of a module or a function.
        map: Source map of ``code``, or None.
    """

    code: str
    map: SourceMap | None = None


class Engine(Protocol):
    """Something that can transpile."""

    @property
    def name(self) -> str:
        """``native`` or ``embedded``."""

    @property
    def version(self) -> str:
        """Version of the esbuild behind it."""

    def client(self, request: ClientRequest) -> Chunk:
        """The client as statements, with ``PLACEHOLDER`` in it as often as in the entry.

        Raises:
            EngineFailedError: If esbuild refused the client.
            PrebuiltError: If there is no up-to-date bundle for the request.
        """

    def script(self, script: UserScript, request: ClientRequest) -> Chunk:
        """A user script as one statement that runs it in a scope of its own.

        Raises:
            ScriptError: If the script cannot be embedded, with line and column.
        """

    def warnings(self, request: ClientRequest, *, scripts: int) -> list[str]:
        """What this engine did not do for the build just made, as sentences."""
