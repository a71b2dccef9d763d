"""Compiles TypeScript as users do: with a bundle's declarations, strictly, and without settings of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import bxpull.declarations
from bxpull.locate import client_root
from bxpull.options import BuildOptions

_BIN = Path(__file__).resolve().parent.parent / "node_modules" / ".bin"
_STRICT = (
    "--strict",
    "--skipLibCheck",
    "false",
    "--noEmit",
    "--ignoreConfig",
    "--types",
    "",
    "--target",
    "es2018",
)


def compile_with_declarations(
    folder: Path, *files: str, format_: str = "iife", flags: tuple[str, ...] = ()
) -> str:
    """Writes the client's declarations into the folder as ``bxpull.d.ts``, and compiles files there.

    Args:
        folder: Where the files are.
        files: Their names.
        format_: ``iife`` or ``esm``.
        flags: More of the compiler's options.

    Returns:
        The compiler's complaints.
    """
    search = os.pathsep.join([str(_BIN), str(Path(sys.executable).parent), os.environ["PATH"]])
    tsc = shutil.which("tsc", path=search)
    assert tsc, "TypeScript is part of the set-up of this repository: run 'make setup'"
    text = bxpull.declarations.declarations(client_root(), BuildOptions(format=format_))
    (folder / "bxpull.d.ts").write_text(text, "utf-8")
    done = subprocess.run(
        [tsc, *_STRICT, *flags, "bxpull.d.ts", *files],
        cwd=folder,
        env={**os.environ, "PATH": search},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # A compiler that cannot begin may say nothing.
    assert done.returncode == 0 or done.stdout, done.stderr
    return done.stdout
