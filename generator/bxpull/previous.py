"""Finds and removes what an earlier build of the same bundle left in the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bxpull.errors import OutputError
from bxpull.outputs import MANIFEST_FORMAT, integrity_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bxpull.outputs import Output

__all__ = ["left_over", "remove_all"]


def left_over(outputs: Sequence[Output]) -> list[Path]:
    """The files of the previous build that the new one will not replace, such as an old source map.

    Only files which the folder's manifest lists with the content they still have. None if that manifest is of
    another bundle: both may be wanted.

    Args:
        outputs: What is about to be written: the bundle first, the manifest last.
    """
    bundle, manifest = outputs[0].path, outputs[-1].path
    listed = _listed(manifest)
    if bundle.name not in listed:
        return []
    replaced = {output.path.name for output in outputs}
    return [
        path
        for name, integrity in listed.items()
        # A build writes only beside its manifest.
        if name not in replaced
        and name == Path(name).name
        and _unchanged(path := manifest.parent / name, integrity)
    ]


def remove_all(paths: Iterable[Path]) -> None:
    """Removes the files.

    Raises:
        OutputError: If one cannot be removed.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"cannot remove {path} of an earlier build: {reason}; remove it") from None


def _listed(manifest: Path) -> dict[str, str]:
    """Names and integrity of the files in a manifest of ours; nothing if it is none."""
    try:
        data: Any = json.loads(manifest.read_bytes())
        if data["manifest"] != MANIFEST_FORMAT or not data["generator"].startswith("bxpull "):
            return {}
        return {str(item["path"]): str(item["integrity"]) for item in data["files"]}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def _unchanged(path: Path, integrity: str) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and integrity_of(path.read_bytes()) == integrity
    except (OSError, ValueError):
        return False
