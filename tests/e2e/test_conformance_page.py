"""The conformance page in real browsers: it finds what docs/browsers.md says; and how it shows that."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from bxpull_server import PushServer
from bxpull_server.harness.browsers import BrowserMissingError
from bxpull_server.harness.webkitgtk import require_webkitgtk
from tests.e2e.browsers import Tried, read_tried, write_tried
from tests.e2e.webkitgtk import webkitgtk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

    from bxpull_server.conformance.results import ConformanceResult

PATIENCE_S = 60
NAMES = {"chromium": "Chromium", "firefox": "Firefox"}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def server() -> Iterator[PushServer]:
    """One that serves the page; which wire a user gets is the page's affair."""
    with PushServer(conformance=True) as server:
        yield server


@pytest.fixture
def address(server: PushServer) -> str:
    """Where the page is."""
    return f"{server.url}/conformance/"


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether the page has to try everything, since it is written down."""
    return bool(request.config.getoption("--write-browsers"))


def compare(result: ConformanceResult, browser: str, *, whole: bool) -> None:
    """Keeps what was found, or fails unless docs/browsers.md says the same of the browser.

    Args:
        result: What was found.
        browser: Name and version.
        whole: Whether to keep it.
    """
    cells: dict[tuple[str, str], tuple[str, str]] = {
        (cell.scenario, cell.wire): (cell.outcome, cell.reason) for cell in result.cells
    }
    name = browser.split()[0].lower()
    assert [f"{key}: {value[1]}" for key, value in cells.items() if value[0] == "failed"] == []
    if whole:
        write_tried(name, Tried(browser, cells))
    told = read_tried(name).cells
    advice = "docs/browsers.md is out of date; run make browsers"
    assert {scenario for scenario, _ in told} == {scenario for scenario, _ in cells}, advice
    assert {key: told.get(key) for key in cells} == cells, advice


def test_what_is_found_is_what_the_document_says(
    page: Page, browser: Browser, browser_name: str, server: PushServer, address: str, whole: bool
) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: _note(complaints, said.text, said.type))
    # Firefox's own words about a WebSocket are errors of the page to Playwright.
    page.on("pageerror", lambda error: _note(complaints, str(error)))
    page.goto(address if whole else f"{address}?sample")
    result = server.wait_conformance_result(timeout=PATIENCE_S)
    compare(result, f"{NAMES[browser_name]} {browser.version}", whole=whole)
    expect(page.get_by_role("status").first).to_contain_text("The server has the result.")
    assert complaints == []


def _note(complaints: list[str], text: str, kind: str = "error") -> None:
    """Browser and client complain about connections that a scenario breaks, which is right."""
    if kind in ("error", "warning") and not re.search(
        r"\[bxpull\]|WebSocket|ws://|/bitrix/|Failed to load", text
    ):
        complaints.append(text)


@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")  # Selenium's own
def test_what_is_found_in_webkitgtk_is_what_the_document_says(
    server: PushServer, address: str, whole: bool
) -> None:
    try:
        require_webkitgtk()
    except BrowserMissingError as error:
        if os.environ.get("BXPULL_EVERY_BROWSER"):
            raise
        pytest.skip(str(error))
    with webkitgtk() as driver:
        driver.get(address)  # all of it: no other test opens this browser
        result = server.wait_conformance_result(timeout=PATIENCE_S)
        compare(result, f"WebKitGTK {driver.capabilities['browserVersion']}", whole=whole)


@pytest.mark.left_to_chromium
def test_a_failure_is_shown_with_its_reason_and_posted(page: Page, server: PushServer, address: str) -> None:
    def fail(route: Route) -> None:
        route.fulfill(status=500, json={"error_description": "no send today"})

    page.route("**/conformance/run/*/send", fail)
    page.goto(f"{address}?only=guest&sample")
    # Routes are answered while Playwright waits, not while the server does.
    said = page.get_by_role("status").first
    expect(said).to_contain_text("0 passed, 3 failed, 0 not possible here", timeout=PATIENCE_S * 1000)
    failures = page.get_by_role("region", name="Failures").get_by_role("listitem")
    expect(failures).to_have_count(3)
    expect(failures.first).to_contain_text("guest by negative id (")
    expect(page.get_by_role("cell", name="✗ fail")).to_have_count(3)
    result = server.wait_conformance_result(timeout=PATIENCE_S)
    assert [(cell.outcome, cell.reason) for cell in result.cells] == [
        ("failed", "run/send: no send today")
    ] * 3


@pytest.mark.left_to_chromium
def test_what_the_browser_lacks_is_told_and_no_failure(page: Page, server: PushServer, address: str) -> None:
    page.add_init_script("delete window.SharedWorker")
    page.goto(f"{address}?only=connects in")
    result = server.wait_conformance_result(timeout=PATIENCE_S)
    lacking = {cell.wire: cell.reason for cell in result.cells if cell.outcome == "impossible"}
    wires = [f"{name}, shared worker" for name in ("text", "protobuf", "JSON-RPC")]
    assert lacking == dict.fromkeys(wires, "the browser has no shared workers")
    assert result.count("passed") == 6
    reasons = page.get_by_role("region", name="Not possible here").get_by_role("listitem")
    expect(reasons).to_have_text([f"{wire}: the browser has no shared workers" for wire in wires])


@pytest.mark.left_to_chromium
def test_a_run_that_breaks_off_says_so(page: Page, address: str) -> None:
    page.route("**/conformance/result", lambda route: route.abort())
    page.goto(f"{address}?only=connects in&sample")
    expect(page.get_by_role("status").first).to_contain_text("The run broke off: ", timeout=PATIENCE_S * 1000)


@pytest.mark.left_to_chromium
def test_the_page_fits_a_phone_in_light_and_dark(
    page: Page, browser_name: str, server: PushServer, address: str
) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a dict of these two
    page.goto(f"{address}?only=connects in")
    server.wait_conformance_result(timeout=PATIENCE_S)
    expect(page.get_by_role("button", name="Copy result as JSON")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    if browser_name == "chromium":  # Playwright cannot ask a stock Firefox for a dark page
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(background) != light
