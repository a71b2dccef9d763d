"""Idle to first event: from the start of navigation to the first call of a page's handler, in Chromium.

Each run opens a page that loads the generated bundle, registers one handler and starts the client. The event
is published the moment the server has the page's connection, not before: a page that was never here has no
position in the stream, so no push server replays older events to it, and the first event it can get is the
first one after it subscribed. What is measured is all that stands between a click and a live page: the page,
the bundle, the REST call for the config, the WebSocket, the frame, the handler.

*First visit* starts with an empty browser profile; *next page* opens a second page of the same profile, which
has the bundle in its cache and the config in its storage. Times come from the page: ``performance.now()``
counts from ``performance.timeOrigin``, the start of navigation.

Also lists the bundle's size in every format, a few targets and both engines, whole and with JSON-RPC over
WebSocket only, read from the manifests.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

import bxpull
from bench.results import parser, tell, write
from bxpull_server import AsyncPushServer
from bxpull_server.harness.browsers import launch_options
from bxpull_server.journal import SocketClosed

if TYPE_CHECKING:
    import argparse

    from playwright.async_api import Browser, BrowserContext

RUNS = 20
USER = 1
TARGETS = ("es2015", "es2018", "es2022", "esnext")
STEPS = {
    "loaded": "bundle has run",
    "connected": "start() resolved",
    "handled": "first event handled",
}
WHOLE, SMALLEST = "whole", "JSON-RPC over WebSocket, no shim"
CLIENTS: dict[str, dict[str, Any]] = {
    WHOLE: {},
    SMALLEST: {"protocols": ["jsonrpc"], "long_polling": False, "shim": False},
}
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>bench</title><script src="bxpull.js"></script></head>
<body>
<script>
  var times = { loaded: performance.now() };
  BX.addCustomEvent("onPullEvent-main", function () { times.handled = times.handled || performance.now(); });
  BX.PULL.start().then(function () { times.connected = performance.now(); });
</script>
</body>
</html>
"""

Times = dict[str, float]


async def visit(context: BrowserContext, server: AsyncPushServer) -> Times:
    """Open the page once; milliseconds from navigation to each step."""
    page = await context.new_page()
    try:
        opening = asyncio.create_task(page.goto(f"{server.url}/"))
        await server.wait_connected(USER)
        await server.add_by_user(USER, module_id="main", command="check", params={"a": 1})
        await opening
        await page.wait_for_function("times.handled && times.connected")
        times: Times = await page.evaluate("times")
        return times
    finally:
        await page.close()
        # The next wait_connected() is for the next page.
        await server.wait_request(lambda entry: isinstance(entry, SocketClosed))
        await server.clear_requests()


async def measure(browser: Browser, server: AsyncPushServer, runs: int) -> dict[str, list[Times]]:
    """Times of every run, by kind of visit."""
    results: dict[str, list[Times]] = {"first visit": [], "next page": []}
    for _ in range(runs):
        context = await browser.new_context()
        for kind in results.values():
            kind.append(await visit(context, server))
        await context.close()
    return results


def summary(runs: list[Times]) -> dict[str, dict[str, float]]:
    """Median, fastest and slowest of each step, in milliseconds."""
    by_step = {step: [times[step] for times in runs] for step in STEPS}
    return {
        step: {"median": statistics.median(values), "min": min(values), "max": max(values)}
        for step, values in by_step.items()
    }


def sizes(folder: Path) -> list[dict[str, Any]]:
    """Bytes of the minified bundle, from the manifest of each build."""
    rows: list[dict[str, Any]] = []
    # The embedded engine has the whole client only.
    for client, engine in ((WHOLE, "native"), (WHOLE, "embedded"), (SMALLEST, "native")):
        for format_, target in itertools.product(("iife", "esm"), TARGETS):
            out = folder / f"{len(rows)}"
            options: dict[str, Any] = {"engine": engine, "format": format_, "target": target}
            bxpull.build(out=out, minify=True, demo=False, **options, **CLIENTS[client])
            files = json.loads((out / "manifest.json").read_text("utf-8"))["files"]
            bundle = next(file for file in files if file["kind"] == "bundle")
            rows.append({"client": client} | options | {key: bundle[key] for key in ("bytes", "gzip_bytes")})
    return rows


async def run(runs: int) -> dict[str, Any]:
    """Measure; everything that goes into the JSON file."""
    pages = {"/": ("text/html; charset=utf-8", PAGE)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundles = sizes(folder / "sizes")
        bxpull.build(out=folder, minify=True, demo=False)
        async with (
            AsyncPushServer(user=USER, static=folder, pages=pages) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(**launch_options("chromium"))
            results = await measure(browser, server, runs + 1)
            version = browser.version
            await browser.close()
        return {
            "browser": f"chromium {version}",
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "runs": runs,
            # The first run of all also starts the browser's processes: it is left out.
            "milliseconds": {kind: summary(times[1:]) for kind, times in results.items()},
            "sizes": bundles,
        }


def show(result: dict[str, Any], given: argparse.Namespace) -> None:
    """Both tables."""
    title = (
        f"Navigation to first event, ms, {result['runs']} runs, {result['browser']}, {result['cpus']} CPUs"
    )
    lines = []
    for kind, steps in result["milliseconds"].items():
        for step, values in steps.items():
            numbers = (f"{values[key]:.1f}" for key in ("median", "min", "max"))
            lines.append((kind if step == "loaded" else "", STEPS[step], *numbers))
    tell("first-event", title, ("Visit", "Step", "Median", "Min", "Max"), lines, given)
    columns = ("Client", "Engine", "Format", "Target", "Bytes", "Gzip bytes")
    rows = [
        tuple(f"{value:,}" if isinstance(value, int) else value for value in row.values())
        for row in result["sizes"]
    ]
    tell("sizes", "Minified bundle, bytes", columns, rows, given)


def main() -> None:
    """Run the benchmark."""
    options = parser("Time from navigation to the first handler call; bundle sizes.")
    options.add_argument("--runs", type=int, default=RUNS, help="default: %(default)s")
    given = options.parse_args()
    result = asyncio.run(run(given.runs))
    show(result, given)
    write("first_event", result)


if __name__ == "__main__":
    main()
