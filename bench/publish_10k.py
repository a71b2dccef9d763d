"""10,000 events published at full speed to one page: how fast, and were all handled, in order, none twice.

Publishing goes through the Python API of the server in this process, one event after the other without a
pause; the page is in another process, a real Chromium with the generated bundle and one handler that notes
every number it is given.
"""

from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

import bxpull
from bench.results import parser, tell, write
from bxpull_server import AsyncPushServer
from bxpull_server.harness.browsers import launch_options

if TYPE_CHECKING:
    import argparse

EVENTS = 10_000
USER = 1
PATIENCE_MS = 120_000
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>bench</title><script src="bxpull.js"></script></head>
<body>
<script>
  var numbers = [], first, last;
  BX.addCustomEvent("onPullEvent-main", function (command, params) {
    last = performance.now();
    first = first || last;
    numbers.push(params.n);
  });
  BX.PULL.start();
</script>
</body>
</html>
"""


async def run(events: int) -> dict[str, Any]:
    """Publish and wait; everything that goes into the JSON file."""
    pages = {"/": ("text/html; charset=utf-8", PAGE)}
    with tempfile.TemporaryDirectory() as folder:
        bxpull.build(out=folder, minify=True, demo=False)
        async with (
            AsyncPushServer(user=USER, static=folder, pages=pages) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(**launch_options("chromium"))
            page = await browser.new_page()
            await page.goto(f"{server.url}/")
            await server.wait_connected(USER)
            started = time.perf_counter()
            for n in range(events):
                await server.add_by_user(USER, module_id="main", command="check", params={"n": n})
            published = time.perf_counter()
            await page.wait_for_function("n => numbers.length >= n", arg=events, timeout=PATIENCE_MS)
            handled = time.perf_counter()
            # A marker after the last one: whatever came twice is here before it.
            await server.add_by_user(USER, module_id="main", command="check", params={"n": "end"})
            await page.wait_for_function("numbers.includes('end')", timeout=PATIENCE_MS)
            numbers = await page.evaluate("numbers")
            in_page = await page.evaluate("last - first")
            version = browser.version
            await browser.close()
    numbers.remove("end")
    return {
        "browser": f"chromium {version}",
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "events": events,
        "publish_seconds": published - started,
        "wall_seconds": handled - started,
        "page_seconds": in_page / 1000,
        "events_per_second": events / (handled - started),
        "handled": len(numbers),
        "in_order": numbers == sorted(numbers),
        "duplicates": len(numbers) - len(set(numbers)),
    }


def show(result: dict[str, Any], given: argparse.Namespace) -> None:
    """The table."""
    seconds = (f"{result[f'{part}_seconds']:.2f}" for part in ("publish", "wall", "page"))
    row = (*seconds, f"{result['events_per_second']:,.0f}", f"{result['handled']:,}")
    order = "yes" if result["in_order"] else "**no**"
    title = f"{result['events']:,} events to one page, {result['browser']}"
    columns = ("Published in, s", "All handled after", "First to last", "Events a second", "Handled")
    tell("burst", title, (*columns, "Twice", "In order"), [(*row, f"{result['duplicates']}", order)], given)


def main() -> int:
    """Run the benchmark; 1 if an event was lost, came twice or out of order."""
    options = parser("Events at full speed to one page.")
    options.add_argument("--events", type=int, default=EVENTS, help="default: %(default)s")
    given = options.parse_args()
    result = asyncio.run(run(given.events))
    show(result, given)
    write("publish_10k", result)
    return (
        0 if result["handled"] == result["events"] and result["in_order"] and not result["duplicates"] else 1
    )


if __name__ == "__main__":
    sys.exit(main())
