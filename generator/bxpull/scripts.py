"""Reads the user's scripts."""

from __future__ import annotations

from pathlib import Path

from bxpull.engines.base import UserScript
from bxpull.errors import ScriptError

__all__ = ["load_script"]


def load_script(path: str | Path, label_at: int) -> UserScript:
    """A script ready for an engine, its line ends made uniform.

    Args:
        path: The file.
        label_at: Its number among the scripts, which keeps two of the same file name apart in source maps.

    Raises:
        ScriptError: If it cannot be read, is not UTF-8 or holds a NUL character.
    """
    name = str(path)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ScriptError(name, f"cannot be read: {error.strerror or error}") from None
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8", "replace")) + 1
        raise ScriptError(name, "is not UTF-8 text", line, column, data.decode("utf-8", "replace")) from None
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if source.startswith("#!"):
        # Only allowed at the very start of a file, where a script in a bundle is not.
        source = "//" + source[2:]
    nul = source.find("\0")
    if nul >= 0:
        # esbuild-py would silently stop reading here.
        column = nul - (source.rfind("\n", 0, nul) + 1) + 1
        shown = source.replace("\0", "\N{REPLACEMENT CHARACTER}")
        raise ScriptError(name, "has a NUL character", source.count("\n", 0, nul) + 1, column, shown)
    return UserScript(name, f"scripts/{label_at}-{Path(path).name}", source)
