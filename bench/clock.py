"""How fast time goes on the harness's clock: virtual seconds per real second, in Chromium.

*Idle* is an hour of a connected page: renewals, looks at the config, and connections that are made anew
because they were silent. *Refused* is an hour of backoff in which the server refuses every handshake, *down*
one in which it is not there. Each is lived twice, and has to have the same log.
"""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

import bxpull
from bench.results import parser, tell, write
from bxpull_server import ManualClock, PushServer
from bxpull_server.harness.browsers import launch_options
from bxpull_server.harness.clock import PullClock

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOUR_S = 3600
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>bench</title><script src="bxpull.js"></script></head>
<body><script>BX.PULL.start();</script></body>
</html>
"""

Log = list[tuple[float, str]]


def live(browser: Browser, folder: Path) -> tuple[dict[str, float], Log]:
    """Real seconds of each hour, and the log of all."""
    clock_of_server = ManualClock()
    context = browser.new_context()
    pages = {"/": ("text/html; charset=utf-8", PAGE)}
    with (
        PushServer(clock=clock_of_server, static=folder, pages=pages) as server,
        PullClock(clock_of_server, server) as clock,
    ):
        clock.attach(context)
        context.new_page().goto(f"{server.url}/")
        clock.settle()
        took = {"idle": hour(clock)}
        server.faults.add("refuse", status=503, times=None)
        server.disconnect(1)
        took["refused"] = hour(clock)
        server.stop()
        took["down"] = hour(clock)
        log = clock.log
        context.close()
    return took, log


def hour(clock: PullClock) -> float:
    """Real seconds of an hour."""
    began = time.perf_counter()
    clock.advance(HOUR_S)
    return time.perf_counter() - began


def run() -> dict[str, dict[str, float]]:
    """The better one of two runs.

    Raises:
        RuntimeError: They were not the same.
    """
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        bxpull.build(out=name, long_polling=False, demo=False)
        browser = playwright.chromium.launch(**launch_options("chromium"))
        (first, log), (second, other) = live(browser, Path(name)), live(browser, Path(name))
        browser.close()
    if log != other:
        raise RuntimeError("two runs had different logs")
    best = {what: min(first[what], second[what]) for what in first}
    return {what: {"real_s": took, "ratio": HOUR_S / took} for what, took in best.items()}


def main() -> None:
    """Measure, and tell."""
    given = parser("How long an hour takes on the clock of the harness.").parse_args()
    # Every refused handshake is an error to uvicorn.
    logging.disable(logging.ERROR)
    found = run()
    lines = [(what, f"{values['real_s']:.2f}", f"{values['ratio']:,.0f}") for what, values in found.items()]
    tell(
        "clock",
        "An hour of one page, the better of two runs",
        ("Hour", "Takes, s", "Times faster"),
        lines,
        given,
    )
    write("clock", found)


if __name__ == "__main__":
    main()
