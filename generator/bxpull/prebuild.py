"""Bundles the client in advance: ``python -m bxpull.prebuild``.

The embedded engine has no other client; the native one takes it for minified bundles, because terser makes
it smaller than esbuild can. Run it after changing the client's sources; packaging does it by itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bxpull.engines.base import PLACEHOLDER, Chunk, ClientRequest
from bxpull.engines.bundling import FOR_TERSER, MAP_ROOT, bundle
from bxpull.engines.esbuild_binary import find_esbuild, require_esbuild
from bxpull.errors import BxpullError, EngineFailedError
from bxpull.locate import client_root
from bxpull.options import TARGETS
from bxpull.prebuilt import Prebuilt, digest, entries, prebuilt_folder, variant
from bxpull.terser import find_terser, require_terser

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ensure", "main", "prebuild"]


def ensure(root: Path | None = None, folder: Path | None = None, *, same_tools: bool = False) -> bool:
    """Bundles the client unless the bundles are up to date.

    Args:
        root: Folder with the client's sources; None: where they are.
        folder: Where the bundles go; None: where the engines look for them, which otherwise are copied
            if they are up to date.
        same_tools: Whether bundles made by another esbuild or terser than the ones here count as old.

    Returns:
        Whether there was anything to do.

    Raises:
        EngineMissingError: If they are not up to date and esbuild, terser or Node.js is missing.
        EngineFailedError: If esbuild or terser refuses the client.
    """
    root = root or client_root()
    if _current(root, folder, same_tools=same_tools):
        return False
    if folder is not None and _current(root, None, same_tools=same_tools):
        _replace(folder, lambda new: shutil.copytree(prebuilt_folder(), new))
    else:
        prebuild(root, folder)
    return True


def prebuild(root: Path, folder: Path | None = None) -> None:
    """Bundles all entries for every target and in both sizes, and replaces ``folder`` when all are made.

    Raises:
        EngineMissingError: If esbuild, terser or Node.js is missing.
        EngineFailedError: If esbuild or terser refuses the client.
    """
    esbuild, terser = require_esbuild(), require_terser()
    state = digest(root)
    requests = [
        ClientRequest(entry.text, entry.format, target, minify, sourcemap=True)
        for entry in entries().values()
        for target in TARGETS
        for minify in (False, True)
    ]
    plain = [request for request in requests if not request.minify]
    small = [request for request in requests if request.minify]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chunks = dict(
            zip(plain, pool.map(lambda request: bundle(esbuild, root, request), plain), strict=True)
        )
        for_terser = pool.map(lambda request: bundle(esbuild, root, request, FOR_TERSER), small)
        bundles = [(chunk, request.target) for chunk, request in zip(for_terser, small, strict=True)]
    chunks |= zip(small, terser.shrink(bundles), strict=True)

    def fill(new: Path) -> None:
        new.mkdir()
        variants = {variant(request): _store(new, request, chunks[request]) for request in requests}
        stamp = {"digest": state, "esbuild": esbuild.version, "terser": terser.version, "variants": variants}
        (new / "stamp.json").write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")

    _replace(folder or prebuilt_folder(), fill)


def _current(root: Path, folder: Path | None, *, same_tools: bool) -> bool:
    try:
        found = Prebuilt.load(root, folder)
    except BxpullError:
        return False
    if not same_tools:
        return True
    esbuild, terser = find_esbuild(), find_terser()
    # Without the tools there is nothing to make better ones with.
    return (
        esbuild is None
        or terser is None
        or (esbuild.version, terser.version) == (found.esbuild, found.terser)
    )


def _replace(folder: Path, fill: Callable[[Path], object]) -> None:
    """Puts what ``fill`` makes in the place of ``folder``."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="._prebuilt-", dir=folder.parent) as temporary:
        new = Path(temporary) / "new"
        fill(new)
        if folder.exists():
            shutil.move(folder, Path(temporary) / "old")
        shutil.move(new, folder)


def _store(folder: Path, request: ClientRequest, chunk: Chunk) -> dict[str, str]:
    wanted, found = (text.count(PLACEHOLDER) for text in (request.entry, chunk.code))
    if found != wanted:
        raise EngineFailedError(f"the bundled client has {PLACEHOLDER} {found} times, not {wanted}")
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
        done = ensure(same_tools=True)
    except BxpullError as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - a command-line tool
        return error.exit_code
    print("prebuilt the client" if done else "the prebuilt client is up to date")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
