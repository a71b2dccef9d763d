"""Tables of ``docs/`` that benchmarks write: each between two comments that name it."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MEASURED = ("bench", "client", "generator", "server_stub")
"""Folders whose state a figure is of."""


def put(
    key: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], docs: Path = DOCS
) -> None:
    """Puts a table into its place, with what was measured, when, of which commit, and on what machine.

    Raises:
        SystemExit: No page has a place for it.
    """
    begin, end = f"<!-- table {key} -->\n", "<!-- end -->"
    for path in sorted(docs.rglob("*.md")):
        before, found, rest = path.read_text("utf-8").partition(begin)
        if found:
            lines = (columns, ["---"] * len(columns), *rows)
            table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
            after = rest[rest.index(end) :]
            path.write_text(f"{before}{begin}\n{table}\n\n{title}. {circumstances()}\n\n{after}", "utf-8")
            return
    raise SystemExit(f"docs/: no page has a place for the table {key}: add {begin.strip()} and {end}")


def circumstances() -> str:
    """The day, the commit and the machine."""
    return (
        f"{time.strftime('%Y-%m-%d')}, {_commit()}; {os.cpu_count()} CPUs ({_model()}), load "
        f"{os.getloadavg()[0]:.1f} at the end, Python {platform.python_version()}."
    )


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", *MEASURED)
    return f"commit {git('log', '-1', '--format=%h', '--', *MEASURED)}{', changed' if changed else ''}"


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
