"""Finds the sources of the browser client and tells one state of them from another."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bxpull.errors import ClientSourceError

__all__ = ["CLIENT_ENV", "client_root", "source_digest"]

CLIENT_ENV = "BXPULL_CLIENT_SRC"
ENTRY = "install.ts"

_PACKAGE = Path(__file__).resolve().parent


def client_root() -> Path:
    """The folder with ``install.ts``: ``$BXPULL_CLIENT_SRC``, the wheel's copy or the checkout's.

    Raises:
        ClientSourceError: If none of them has it.
    """
    override = os.environ.get(CLIENT_ENV)
    if override:
        candidates = [Path(override).resolve()]
    else:
        candidates = [_PACKAGE / "_client" / "src", _PACKAGE.parent.parent / "client" / "src"]
    for folder in candidates:
        if (folder / ENTRY).is_file():
            return folder
    where = f"${CLIENT_ENV}" if override else "this installation of bxpull"
    fix = "point it at a client/src folder" if override else "install bxpull again, or set $" + CLIENT_ENV
    raise ClientSourceError(f"no client source: {where} has no {ENTRY}; {fix}")


def source_digest(root: Path, *extra: str) -> str:
    """SHA-256, hex, over the names and contents of all files under ``root``, and over ``extra``.

    Line ends count: what is hashed is what the engine reads.
    """
    digest = hashlib.sha256()
    for path in sorted(_sources(root), key=lambda item: item.relative_to(root).as_posix()):
        _feed(digest, path.relative_to(root).as_posix().encode(), path.read_bytes())
    for text in extra:
        _feed(digest, b"", text.encode())
    return digest.hexdigest()


def _sources(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]


def _feed(digest: hashlib._Hash, name: bytes, content: bytes) -> None:
    for part in (name, content):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
