"""What the script costs a page before it is used: evaluating it, and making a client, in Chromium.

A part of ``make bench-client``; prints a table and writes JSON. Each time is that of a new page in a new
browser context, whose caches have never seen the script; the floor is a script with the same text inside of a
function that nobody calls, which is only read. Scripts are in the page's memory before the clock starts.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

import bxpull
from bench import results
from bxpull_server import PushServer
from bxpull_server.harness.browsers import launch_options

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GOAL_MS = 3
DEFAULT, READ = "default", "default, only read"
# Name to the options of its build, and what goes around its text.
SCRIPTS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    READ: ({}, ("void function () {\n", "\n};")),
    DEFAULT: ({}, ("", "")),
    "JSON-RPC over WebSocket only": ({"protocols": ["jsonrpc"], "long_polling": False}, ("", "")),
    "no minify": ({"minify": False}, ("", "")),
}
PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>bench</title>'
    "<script>{}</script></head></html>\n"
)


def run(rounds: int) -> list[dict[str, Any]]:
    """All in turns, so many times; the first round, which starts the browser's processes, does not count."""
    rows = []
    script = (Path(__file__).resolve().parent / "load_page" / "load.js").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for number, (options, _) in enumerate(SCRIPTS.values()):
            bxpull.build(out=f"{folder}/{number}.js", demo=False, **options)
        browser = playwright.chromium.launch(**launch_options("chromium"))
        pages = {"/": ("text/html; charset=utf-8", PAGE.format(script))}
        with PushServer(static=folder, pages=pages) as server:
            for turn in range(rounds + 1):
                for number, (name, (_, around)) in enumerate(SCRIPTS.items()):
                    took = _load(browser, server.url, f"/{number}.js", around, f"{turn}.{number}")
                    if turn:
                        rows.append({"round": turn, "script": name, **took})
        browser.close()
    return rows


def _load(browser: Browser, url: str, address: str, around: tuple[str, str], mark: str) -> dict[str, float]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    arguments = [address, list(around), mark]
    took: dict[str, float] = page.evaluate("arguments => load.time(...arguments)", arguments)
    context.close()
    return took


def main() -> None:
    """Run, and tell."""
    parser = results.parser("What the script costs a page before it is used.")
    parser.add_argument("--rounds", type=int, default=15, help="default: %(default)s")
    given = parser.parse_args()
    results.machine()
    rows = run(given.rounds)

    def sums(name: str) -> list[float]:
        return [row["evaluated"] + row["constructed"] for row in rows if row["script"] == name]

    lines = []
    for name in SCRIPTS:
        parts = [
            statistics.median(row[key] for row in rows if row["script"] == name)
            for key in ("evaluated", "constructed")
        ]
        ratio = statistics.median(ours / floor for ours, floor in zip(sums(name), sums(READ), strict=True))
        whole = statistics.median(sums(name)), min(sums(name))
        lines.append((name, *(f"{value:.1f}" for value in (*parts, *whole, ratio))))
    columns = ("Script", "Evaluate", "Construct", "Both", "Least", "Times only read")
    title = f"Cold, ms, medians of {given.rounds}; aim for the default: {GOAL_MS}"
    results.tell("load", title, columns, lines, given)
    results.write("load", rows)


if __name__ == "__main__":
    main()
