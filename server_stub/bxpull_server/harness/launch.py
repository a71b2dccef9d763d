"""What a browser has to be started with, so that pages from anywhere can reach a server on this machine."""

from __future__ import annotations

from typing import Any

from bxpull_server.harness.browsers import NAMES, find_browser

_LOCAL_NETWORK = "--ip-address-space-overrides=127.0.0.1:0=public"
"""Chromium asks the user before a page that came from elsewhere, also from Playwright's ``page.route()``, may
connect to this machine (Local Network Access), and here nobody answers: so this machine, on every port (0),
counts as a public one. Switching the check off by ``--disable-features`` would undo what Playwright has
there.
"""
_SWIFT_PAGES = "--enable-features=CDPScreenshotNewSurface,RenderDocument:level/crashed-frame"
"""A page keeps its frame from one document to the next, as in older Chromium: that takes a fifth less time.
The first feature is Playwright's own, which this would switch off otherwise.
"""


def with_local_network(browser_name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments for Playwright's ``launch()``: pages from elsewhere may connect to this machine.

    A browser that Playwright has not installed is taken from the system, where the options name none.

    Args:
        browser_name: ``chromium``, ``firefox`` or ``webkit``.
        options: As the user wants it; what is there stays.
    """
    found: dict[str, Any] = {}
    if browser_name in NAMES and not {"executable_path", "channel"} & options.keys():
        browser = find_browser(browser_name, whole=options.get("headless") is False)
        if browser.found:
            found = dict(browser.options)
    merged = {**found, **options}
    if browser_name == "chromium":
        # Of two switches the later one counts: the user's.
        merged["args"] = [_SWIFT_PAGES, *found.get("args", []), *options.get("args", []), _LOCAL_NETWORK]
    return merged
