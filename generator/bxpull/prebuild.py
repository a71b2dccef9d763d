"""Bundles the client for the embedded engine: ``python -m bxpull.prebuild``.

Run it after changing the client's sources, when you use the embedded engine; packaging does it by itself.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from bxpull.engines.base import Chunk, ClientRequest
from bxpull.engines.esbuild_binary import require_esbuild
from bxpull.engines.native import NativeEngine
from bxpull.errors import BxpullError
from bxpull.locate import client_root
from bxpull.options import FORMATS, TARGETS
from bxpull.prebuilt import MAP_ROOT, Prebuilt, digest, entry_text, prebuilt_folder, variant

__all__ = ["ensure", "main", "prebuild"]


def ensure(root: Path | None = None, folder: Path | None = None) -> bool:
    """Bundles the client unless the bundles are up to date.

    Returns:
        Whether there was anything to do.

    Raises:
        EngineMissingError: If they are not up to date and there is no esbuild to make them.
        EngineFailedError: If esbuild refuses the client.
    """
    root = root or client_root()
    try:
        Prebuilt.load(root, folder)
    except BxpullError:
        prebuild(root, folder)
        return True
    return False


def prebuild(root: Path, folder: Path | None = None) -> None:
    """Bundles the client in every format, target and size, and replaces ``folder`` when all are made.

    Raises:
        EngineMissingError: If there is no esbuild.
        EngineFailedError: If esbuild refuses the client.
    """
    folder = folder or prebuilt_folder()
    engine = NativeEngine(require_esbuild(), root)
    folder.parent.mkdir(parents=True, exist_ok=True)
    state = digest(root)
    with tempfile.TemporaryDirectory(prefix="._prebuilt-", dir=folder.parent) as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        variants = {
            variant(format_, target, minify=minify): _store(
                new, engine.client(_request(format_, target, minify=minify))
            )
            for format_ in FORMATS
            for target in TARGETS
            for minify in (False, True)
        }
        stamp = {"digest": state, "esbuild": engine.version, "variants": variants}
        (new / "stamp.json").write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")
        if folder.exists():
            shutil.move(folder, Path(temporary) / "old")
        shutil.move(new, folder)


def _request(format_: str, target: str, *, minify: bool) -> ClientRequest:
    return ClientRequest(entry_text(format_), format_, target, minify, sourcemap=True)


def _store(folder: Path, chunk: Chunk) -> dict[str, str]:
    source_map: dict[str, Any] = dict(chunk.map or {})
    # What lies under the client's root is in the package already; the rest (dependencies, the entry) is not.
    source_map["sourcesContent"] = [
        None if name.startswith(f"{MAP_ROOT}/") else content
        for name, content in zip(source_map["sources"], source_map["sourcesContent"], strict=True)
    ]
    return {
        "code": _write(folder, chunk.code, ".js"),
        "map": _write(folder, json.dumps(source_map, separators=(",", ":")), ".map"),
    }


def _write(folder: Path, text: str, suffix: str) -> str:
    data = text.encode("utf-8")
    name = hashlib.sha256(data).hexdigest()[:16] + suffix
    (folder / name).write_bytes(data)
    return name


def main() -> int:
    """The command; returns its exit code."""
    try:
        done = ensure()
    except BxpullError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - a command-line tool
        return error.exit_code
    print("prebuilt the client" if done else "the prebuilt client is up to date")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
