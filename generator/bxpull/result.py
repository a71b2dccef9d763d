"""What a build hands back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BuildResult", "OutputFile"]


@dataclass(frozen=True)
class OutputFile:
    """One file a build wrote.

    Attributes:
        path: Where it is.
        kind: ``bundle``, ``worker``, ``console``, ``types``, ``map``, ``manifest``, ``snippet`` or ``demo``.
        bytes: Size in bytes.
        gzip_bytes: Size in bytes after gzip at level 9, without name and time in its header.
        integrity: ``sha384-…`` for an ``integrity`` attribute.
    """

    path: Path
    kind: str
    bytes: int
    gzip_bytes: int
    integrity: str


@dataclass(frozen=True)
class BuildResult:
    """A finished build.

    Attributes:
        files: Everything written, the bundle first.
        engine: ``native`` or ``embedded``.
        engine_version: esbuild's version for native; the version that made the bundles for embedded.
        warnings: Sentences about what the result does not do as one might expect; empty if there are none.
    """

    files: tuple[OutputFile, ...]
    engine: str
    engine_version: str
    warnings: tuple[str, ...] = ()

    @property
    def bundle(self) -> OutputFile:
        """The bundle itself."""
        return self.files[0]

    def file(self, kind: str) -> OutputFile:
        """The first file of a kind.

        Raises:
            KeyError: If the build wrote none.
        """
        for item in self.files:
            if item.kind == kind:
                return item
        raise KeyError(kind)
