"""``make chaos``: many schedules in every cell of the matrix; the table goes into docs/chaos.md.

``python -m tests.chaos.long_run --schedules 100 --seed 1`` exits with 1 if anything was lost, came twice or
out of order, or a gap was told wrongly; then the smallest schedule that shows it is printed.
"""

from __future__ import annotations

import argparse
import itertools
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from playwright.sync_api import sync_playwright

from bxpull_server.harness.browsers import launch_options
from tests.chaos.cell import PLACES, Cell, Place
from tests.chaos.oracle import judge
from tests.chaos.page_server import PageServer
from tests.chaos.schedules import Schedule, schedules_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs" / "chaos.md"
PART = re.compile(r"(<!-- chaos:begin[^\n]*-->\n).*?(<!-- chaos:end -->)", re.DOTALL)
_AT_ONCE = 2


@dataclass
class Row:
    """What a cell came to; one of the numbers is wrong if there are ``problems``."""

    place: str
    schedules: int = 0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    made: int = 0
    announced: int = 0
    seconds: float = 0
    problems: list[str] = field(default_factory=list)


def run(place: Place, schedules: int, first_seed: int) -> Row:
    """Plays that many schedules in one cell."""
    row = Row(str(place))
    began = time.monotonic()
    with (
        sync_playwright() as playwright,
        getattr(playwright, place.browser).launch(**launch_options(place.browser)) as browser,
        PageServer() as pages,
        Cell(browser, pages, place) as cell,
    ):

        @seed(first_seed)
        @settings(
            max_examples=schedules,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(schedules_of(place.mode))
        def play(schedule: Schedule) -> None:
            problems = []
            for record in cell.play(schedule):
                found = judge(record)
                row.lost += found.lost
                row.twice += found.twice
                row.out_of_order += found.out_of_order
                row.made += found.made
                row.announced += found.announced
                problems += found.problems
            if problems:
                row.problems = [f"{schedule}", *problems]
            assert not problems

        try:
            play()
        except BaseExceptionGroup as error:  # a failure that does not show each time
            row.problems += [str(error), *map(str, error.exceptions)]
        except AssertionError:
            pass  # told in ``problems``
        row.schedules, row.events, row.faults = cell.counts.schedules, cell.counts.events, cell.counts.faults
    row.seconds = time.monotonic() - began
    return row


def table(rows: Sequence[Row], first_seed: int, schedules: int) -> str:
    """The results in Markdown."""
    total = Row("all")
    for row in rows:
        for name, value in vars(row).items():
            if name not in ("place", "problems"):
                setattr(total, name, getattr(total, name) + value)
    heads = (
        "Cell",
        "Schedules",
        "Events",
        "Faults",
        "Lost",
        "Twice",
        "Out of order",
        "Gaps made",
        "Gaps told",
    )
    lines = [f"`make chaos N={schedules} SEED={first_seed}`:", "", _line(heads), _line(["---"] * len(heads))]
    for row in [*rows, total]:
        numbers = (
            row.schedules,
            row.events,
            sum(count for kind, count in row.faults.items() if kind),
            row.lost,
            row.twice,
            row.out_of_order,
            row.made,
            row.announced,
        )
        lines.append(_line([row.place, *(f"{number:,}" for number in numbers)]))
    kinds = [kind for kind, _ in total.faults.most_common() if kind]
    lines += ["", _line(["Fault", "Times"]), _line(["---", "---"])]
    lines += [_line([kind, f"{total.faults[kind]:,}"]) for kind in kinds]
    pace = total.events / max(total.seconds, 1)
    lines += ["", f"{pace:,.0f} events a second in a cell, {_AT_ONCE} cells at a time.", ""]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _run_apart(place: Place, schedules: int, first_seed: int) -> Row:
    """The same in a process of its own, for Playwright has one event loop a process."""
    arguments = ["--schedules", str(schedules), "--seed", str(first_seed), "--cell", str(place)]
    command = [sys.executable, "-m", "tests.chaos.long_run", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        return Row(str(place), problems=[f"the cell's process ended with {done.returncode}"])
    row = Row(**loads(done.stdout.splitlines()[-1]))
    row.faults = Counter(row.faults)
    told = "; ".join(row.problems) or "all right"
    print(
        f"{row.place}: {row.schedules} schedules, {row.events:,} events in {row.seconds:,.0f} s: {told}",
        flush=True,
    )
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs all cells and writes the table, or one cell and prints its row."""
    parser = argparse.ArgumentParser(description="Many schedules in every cell.")
    parser.add_argument("--schedules", type=int, default=100, help="a cell; default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--cell", help="only this one, chromium-text-direct for example; prints JSON")
    given_ = parser.parse_args(arguments)
    if given_.cell:
        print(dumps(vars(run(Place(*given_.cell.split("-")), given_.schedules, given_.seed))))
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Each cell has schedules of its own.
        seeds = itertools.count(given_.seed)
        rows = list(pool.map(_run_apart, PLACES, itertools.repeat(given_.schedules), seeds))
    results = table(rows, given_.seed, given_.schedules)
    old = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(PART.sub(lambda part: part[1] + results + part[2], old), "utf-8")
    print(results)
    return 1 if any(row.problems for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
