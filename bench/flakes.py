"""Whether tests with the harness are ever wrong: ten scenarios many times, while one core is busy.

``python -m bench.flakes --rounds 1000`` exits with 1 if any failed. ``--workers 2`` runs two browsers at
once, which takes the other core, too.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
SUITE = HERE / "harness_suite"
# A failure is told soon, and no browser grows without bound: a driven Firefox keeps 10 MB of each page.
ROUNDS_AT_ONCE = {"chromium": 100, "firefox": 20}


def burn() -> None:
    """Keeps a core busy."""
    while True:
        pass


@contextlib.contextmanager
def burnt_core() -> Iterator[None]:
    """One core is busy."""
    process = multiprocessing.Process(target=burn, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def run(browser: str, rounds: int, workers: int) -> tuple[int, int]:
    """How many tests passed, and how many did not."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--browser", browser, str(SUITE)]
    environment = {**os.environ, "BXPULL_ROUNDS": str(rounds)}
    done = subprocess.run(  # its output is shown if it fails
        command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False
    )
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    bad = counts.get("failed", 0) + counts.get("error", 0)
    if done.returncode and not bad:
        sys.exit(f"the suite did not run:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    if bad:
        print(done.stdout[-20_000:])
    return counts.get("passed", 0), bad


def main() -> int:
    """Run, and tell as it goes."""
    parser = argparse.ArgumentParser(description="Ten scenarios many times, under load.")
    parser.add_argument("--rounds", type=int, default=1000, help="in each browser; default: %(default)s")
    parser.add_argument("--browser", action="append", default=[], help="default: chromium and firefox")
    parser.add_argument("--workers", type=int, default=0, help="processes; default: none but pytest's own")
    given = parser.parse_args()
    failures = 0
    with burnt_core():
        for browser in given.browser or ["chromium", "firefox"]:
            began = time.monotonic()
            passed = failed = 0
            for first in range(0, given.rounds, ROUNDS_AT_ONCE[browser]):
                count = min(ROUNDS_AT_ONCE[browser], given.rounds - first)
                good, bad = run(browser, count, given.workers)
                passed, failed = passed + good, failed + bad
                print(
                    f"{browser}: {passed:,} passed, {failed} failed, {time.monotonic() - began:,.0f} s",
                    flush=True,
                )
            failures += failed
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
