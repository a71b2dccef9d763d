"""What the generator's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bxpull


def contents(result: bxpull.BuildResult) -> dict[str, bytes]:
    """The files that a page loads, by name; the manifest says by which engine they were made."""
    return {item.path.name: item.path.read_bytes() for item in result.files if item.kind != "manifest"}
