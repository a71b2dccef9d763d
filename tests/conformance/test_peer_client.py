"""A pull client that others wrote, @bitrix24/b24jssdk, works with our server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from bxpull_server import PushServer
from bxpull_server.harness.browsers import launch_options
from tests.conformance.document import section, write_section
from tests.conformance.peer.page import PeerPage, peer_version
from tests.conformance.peer.scenarios import SCENARIOS, WIRES, Scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.e2e.wire import Wire

pytestmark = pytest.mark.timeout(600)

Outcomes = dict[tuple[str, str], str]
CASES = [(scenario, wire) for scenario in SCENARIOS for wire in scenario.wires]
WORKS = "works"
_AT_ONCE = 6


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    """What came of every scenario on every wire: ``works``, or the error."""
    # Playwright's synchronous API needs a thread without an event loop.
    # Several at a time, for this client waits a lot.
    parts = [CASES[start::_AT_ONCE] for start in range(_AT_ONCE)]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return {place: outcome for part in threads.map(_perform, parts) for place, outcome in part.items()}


def _perform(cases: list[tuple[Scenario, Wire]]) -> Outcomes:
    with sync_playwright() as tools:
        browser = tools.chromium.launch(**launch_options("chromium"))
        outcomes = {
            (scenario.title, str(wire)): _outcome(browser, scenario, wire) for scenario, wire in cases
        }
        browser.close()
    return outcomes


def _outcome(browser: Browser, scenario: Scenario, wire: Wire) -> str:
    with PushServer(**wire.options) as server:
        peer = PeerPage(browser, server, wire)
        try:
            scenario.run(peer)
        except Exception as error:  # noqa: BLE001 - whatever it is goes into the report
            return f"{type(error).__name__}: {error}\nthe page's log: {peer.run('log')}"
        finally:
            peer.close()
    return WORKS


@pytest.mark.parametrize(
    ("scenario", "wire"), CASES, ids=[f"{scenario.run.__name__}-{wire}" for scenario, wire in CASES]
)
def test_the_peer_works_with_our_server(outcomes: Outcomes, scenario: Scenario, wire: Wire) -> None:
    assert outcomes[scenario.title, str(wire)] == WORKS


def test_the_table_of_the_peer_is_up_to_date(outcomes: Outcomes, request: pytest.FixtureRequest) -> None:
    text = _text(outcomes)
    if request.config.getoption("--write-compatibility", default=False):
        write_section("peer", text)
    assert section("peer") == text, "run pytest tests/conformance --write-compatibility"


def _text(outcomes: Outcomes) -> str:
    rows = [
        f"| {scenario.title} | " + " | ".join(_cell(outcomes, scenario, wire) for wire in WIRES) + " |"
        for scenario in SCENARIOS
    ]
    head = " | ".join(f"{wire.version}, {wire.transport}" for wire in WIRES)
    return _TEXT.format(
        version=peer_version(), head=head, rule=" | ".join("---" for _ in WIRES), rows="\n".join(rows)
    )


def _cell(outcomes: Outcomes, scenario: Scenario, wire: Wire) -> str:
    if wire not in scenario.wires:
        return ""
    return "works" if outcomes[scenario.title, str(wire)] == WORKS else "**fails**"


_TEXT = """\
The pull client of [`@bitrix24/b24jssdk`](https://www.npmjs.com/package/@bitrix24/b24jssdk) {version},
unchanged, in Chromium, on pages and with configurations of our server
(`tests/conformance/test_peer_client.py`). Empty: the version or transport has no such thing.

| With server version and transport | {head} |
| --- | {rule} |
{rows}
"""
