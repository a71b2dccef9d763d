"""Where the figures of a run go: into a file, onto the screen as a table, and if wanted into ``docs/``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"
_WIDTH = 110


def parser(description: str) -> argparse.ArgumentParser:
    """One that knows ``--write``, which makes :func:`tell` put tables into ``docs/``, too."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--write", action="store_true", help="put the tables into docs/, too")
    return made


def machine() -> None:
    """Prints the machine in a few words, with how busy it is: other programs make wall times longer."""
    load, _, _ = os.getloadavg()
    print(
        f"{os.cpu_count()} CPUs, load {load:.1f} at the start, Python {platform.python_version()}", flush=True
    )


def in_turns(
    rounds: int, names: Sequence[str], measure: Callable[[str], dict[str, float]]
) -> list[dict[str, Any]]:
    """What was measured of each, in turns, so many times: a row each time, which says of whom it is."""
    return [{"round": turn, "server": name, **measure(name)} for turn in range(rounds) for name in names]


def median(rows: Iterable[dict[str, Any]], server: str, key: str) -> float:
    """Of one's rows."""
    return float(statistics.median(row[key] for row in rows if row["server"] == server))


def tell(
    key: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], given: argparse.Namespace
) -> None:
    """Prints a table; what begins with a letter stands on the left.

    Args:
        key: Names the table's place in ``docs/``.
        title: What was measured, and how often.
        columns: Heads.
        rows: Cells.
        given: What :func:`parser` has read.
    """
    table = Table(title=title)
    for name, value in zip(columns, rows[0], strict=True):
        table.add_column(name, justify="left" if value[:1].isalpha() else "right")
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)
    if given.write:
        tables.put(key, title, columns, rows)


def write(name: str, rows: Any) -> None:
    """Writes what was measured to ``build/bench/<name>.json``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
