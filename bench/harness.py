"""How fast tests with the harness are: set-up to a connected page, server reset, a suite of 100 small tests.

The floor is what pytest-playwright alone needs for a page: on a busy machine the ratio of the two, which are
measured in turns, tells more than milliseconds do.

``python -m bench.harness`` prints a table and writes JSON. Each browser is started once; the first test of
each, which builds the client and starts the browser, is told apart.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.results import parser, tell, write
from bxpull_server import PushServer

HERE = Path(__file__).resolve().parent
SUITE = HERE / "harness_suite"
FLOOR = HERE / "harness_floor"
TESTS = 10
RESETS = 200
_MEASURE = """
import json, os, time
import pytest

rows = []

@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    began = time.perf_counter()
    result = yield
    rows.append([item.name, time.perf_counter() - began])
    return result

def pytest_sessionfinish():
    with open(os.environ["BXPULL_ROWS"], "w") as file:
        json.dump(rows, file)
"""
# Whose set-up ends with one connected page; those without open pages as a part of the test.
WITHOUT_PAGE = "test_guests_hear"


def run(tests: Path, browser: str, rounds: int, folder: Path) -> tuple[float, list[tuple[str, float]]]:
    """Seconds of a run in one process, and name and set-up seconds of each of its tests."""
    rows = folder / f"{browser}.json"
    (folder / "measure.py").write_text(_MEASURE, "utf-8")
    environment = {
        **os.environ,
        "BXPULL_ROUNDS": str(rounds),
        "BXPULL_ROWS": str(rows),
        "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "measure", "--browser", browser, str(tests)]
    began = time.perf_counter()
    done = subprocess.run(  # its output is shown if it fails
        command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stdout[-5000:])
    return seconds, json.loads(rows.read_text("utf-8"))


def suite(browser: str, rounds: int, folder: Path) -> dict[str, float]:
    """Seconds of a run of the suite: whole, set-up of the first test, median set-up of the others."""
    seconds, (first, *others) = run(SUITE, browser, rounds, folder)
    with_page = [took for name, took in others if not name.startswith(f"{WITHOUT_PAGE}[")]
    return {"suite_s": seconds, "first_s": first[1], "setup_s": statistics.median(with_page)}


def floor(browser: str, rounds: int, folder: Path) -> dict[str, float]:
    """Median seconds of the least set-up and of ours, in turns, and the second by the first."""
    _, rows = run(FLOOR, browser, rounds + 1, folder)
    bare, ours = (
        statistics.median(took for name, took in rows[2:] if f"-{kind}" in name or f"{kind}-" in name)
        for kind in ("floor", "pull_page")
    )
    return {"floor_s": bare, "beside_floor_s": ours, "ratio": ours / bare}


def reset() -> float:
    """Median seconds of a reset, with what a small test leaves behind."""
    took = []
    with PushServer() as server:
        for _ in range(RESETS):
            for user in range(1, 6):
                server.add_by_user(user, module_id="im", command="message", params={"text": "x" * 1000})
            began = time.perf_counter()
            server.reset()
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Measure, print, write."""
    options = parser("How fast tests with the harness are.")
    options.add_argument("--browser", action="append", default=[], help="default: chromium and firefox")
    options.add_argument(
        "--rounds", type=int, default=10, help=f"of {TESTS} tests each; default: %(default)s"
    )
    options.add_argument("--turns", type=int, default=40, help="set-ups of each kind; default: %(default)s")
    given = options.parse_args()
    results: dict[str, object] = {"reset_ms": reset() * 1000}
    names = (
        "Browser",
        "Suite, s",
        "Tests",
        "First set-up, s",
        "Set-up to connected page, median ms",
        "In turns with the floor, ms",
        "Floor, ms",
        "Ratio",
    )
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for browser in given.browser or ["chromium", "firefox"]:
            row = suite(browser, given.rounds, Path(folder)) | floor(browser, given.turns, Path(folder))
            results[browser] = row
            numbers = (
                row["suite_s"],
                TESTS * given.rounds,
                row["first_s"],
                *(row[name] * 1000 for name in ("setup_s", "beside_floor_s", "floor_s")),
                row["ratio"],
            )
            told = (f"{number:,}" if isinstance(number, int) else f"{number:,.2f}" for number in numbers)
            lines.append((browser, *told))
    tell("harness", "Tests with the harness", names, lines, given)
    print(f"server reset: median {results['reset_ms']:.2f} ms of {RESETS}")
    write("harness", results)


if __name__ == "__main__":
    main()
