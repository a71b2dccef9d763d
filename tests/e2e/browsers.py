"""Write docs/browsers.md from what runs of the conformance page found, which is kept in docs/browsers/.

``python -m tests.e2e.browsers`` writes; ``--check`` only tells whether the page is right (exit code 1: no). A
file is what the page's button copies, with the browser's name and version as ``browser``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "browsers.md"
RESULTS = DOCS / "browsers"
_ORDER = ("chromium", "firefox", "webkitgtk")


@dataclass(frozen=True)
class Tried:
    """What was tried in one browser.

    Attributes:
        browser: Its name and version.
        cells: For each scenario and wire the outcome and its reason.
    """

    browser: str
    cells: dict[tuple[str, str], tuple[str, str]]


def read_tried(name: str) -> Tried:
    """What is kept under a name, ``chromium`` for example."""
    kept = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    cells = {(cell["scenario"], cell["wire"]): (cell["outcome"], cell["reason"]) for cell in kept["cells"]}
    return Tried(kept["browser"], cells)


def write_tried(name: str, tried: Tried) -> None:
    """Keep it, a line for each cell."""
    RESULTS.mkdir(exist_ok=True)
    cells = ",\n".join(
        json.dumps(
            {"scenario": scenario, "wire": wire, "outcome": outcome, "reason": reason}, ensure_ascii=False
        )
        for (scenario, wire), (outcome, reason) in tried.cells.items()
    )
    text = f'{{"browser": {json.dumps(tried.browser)}, "cells": [\n{cells}\n]}}\n'
    (RESULTS / f"{name}.json").write_text(text, "utf-8")


def page() -> str:
    """The page's text."""
    names = sorted(
        (path.stem for path in RESULTS.glob("*.json")),
        key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name),
    )
    tried = [read_tried(name) for name in names]
    wires = list(dict.fromkeys(wire for item in tried for _, wire in item.cells))
    scenarios = list(dict.fromkeys(scenario for item in tried for scenario, _ in item.cells))
    reasons = list(
        dict.fromkeys(
            f"- {scenario}: {reason}"
            for item in tried
            for (scenario, _), (outcome, reason) in item.cells.items()
            if outcome == "impossible"
        )
    )
    return _TEXT.format(
        wires=_table("Wire", wires, tried, by=1),
        scenarios=_table("Scenario", scenarios, tried, by=0),
        reasons="\n".join(reasons),
    )


def _table(title: str, rows: list[str], tried: list[Tried], *, by: int) -> str:
    head = f"| {title} | " + " | ".join(item.browser for item in tried) + " |"
    lines = [head, "| --- |" + " --- |" * len(tried)]
    for row in rows:
        counts = [
            Counter(outcome for place, (outcome, _) in item.cells.items() if place[by] == row)
            for item in tried
        ]
        lines.append(f"| {row} | " + " | ".join(map(_words, counts)) + " |")
    return "\n".join(lines)


def _words(counts: Counter[str]) -> str:
    said = [f"{counts['passed']} passed"]
    if counts["failed"]:
        said.append(f"**{counts['failed']} failed**")
    if counts["impossible"]:
        said.append(f"{counts['impossible']} not")
    return ", ".join(said)


_TEXT = """\
# Browsers

What the [conformance page](server.md#conformance-page) found in each browser: its scenarios on every wire,
which is the format of the messages and what carries them. `make browsers` runs it and writes this page and
`docs/browsers/`; CI runs it and compares (all of it in WebKitGTK; in Chromium and Firefox, in which the other
browser tests run as well, a third). *Not* counts what is not tried on a wire, for the reasons below.

## By wire

{wires}

## By scenario

{scenarios}

## What is not tried

{reasons}

## Another browser

Start `bxpull serve --conformance --host 0.0.0.0`, open `http://<this machine>:8893/conformance/` there, on a
phone for example, and let it run. To add a column here, put what the button copies into
`docs/browsers/<name>.json`, give the browser's name and version as `browser`, and run
`python -m tests.e2e.browsers`.
"""


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit code."""
    new = page()
    if PAGE.is_file() and PAGE.read_text("utf-8") == new:
        return 0
    if arguments == ["--check"]:
        print(
            "browsers: docs/browsers.md is not what docs/browsers/ says; run 'python -m tests.e2e.browsers'"
        )
        return 1
    PAGE.write_text(new, "utf-8")
    print("browsers: wrote docs/browsers.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
