"""A day of reconnects, renewals and expiries on clocks that the test moves: twice the same."""

from __future__ import annotations

import math
import operator
import random
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from bxpull_server import ManualClock, PushServer
from bxpull_server.journal import RestRequest, SocketOpened
from tests.e2e.support import JAVASCRIPT, Site, Tab, inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.e2e.support import Bundles

HOUR_S = 3600
START_S = 1_790_000_000
# Page and server look once a minute for what has expired; things they do in the same moment have no order.
LATER_S = 30
SEED = 24
CLOCK = (Path(__file__).parent / "manual-clock.js").read_text("utf-8")
CHANNEL_LIFETIME_S = 3 * 3600
CONFIG_TTL_S = 2 * 3600

# What the page notes, each with the second of the day.
NOTES = """
window.notes = [];
const note = (what) => notes.push([Math.floor(clock.now() / 1000), what]);
BX.PULL.onState(({ state, reason, resume }) => note(`${state} (${reason}; ${resume})`));
BX.addCustomEvent("onPullStatus", (status) => note(`status ${status}`));
BX.addCustomEvent("onPullGap", () => note("gap"));
BX.addCustomEvent("onPullEvent-test", (command, { n }) => note(`event ${n}`));
"""


class ClockHandler(BaseHTTPRequestHandler):
    """Moves the server's clock to the milliseconds of the day that a page asks for."""

    clock: ManualClock
    # Which keeps connections: pages ask thousands of times.
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        advance(self.clock, int(urlsplit(self.path).query))
        self.send_response(204)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


@contextmanager
def serve_clock(clock: ManualClock) -> Iterator[str]:
    """The address at which pages move the server's clock."""
    handler = type("Handler", (ClockHandler,), {"clock": clock})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def advance(clock: ManualClock, now: int) -> None:
    """Moves the server's clock forward to milliseconds of the day."""
    clock.advance(max(0, now - milliseconds(clock)) / 1000)


def milliseconds(clock: ManualClock) -> int:
    """Milliseconds of the day."""
    return round((clock.monotonic() - LATER_S) * 1000)


class Day:
    """One day in a page, from its start to its end.

    Attributes:
        log: What happened, in page and server, each with the second of the day.
    """

    def __init__(self, server: PushServer, clock: ManualClock, tab: Tab) -> None:
        self._server = server
        self._clock = clock
        self._tab = tab
        self._entries = 0
        self.log: list[tuple[int, str]] = []

    @property
    def now(self) -> int:
        """Milliseconds of the day."""
        return milliseconds(self._clock)

    def run(self, hours: int, events: int, losses: int) -> None:
        """Hours with so many events and lost connections at moments of chance."""
        end = hours * HOUR_S * 1000
        chance = random.Random(SEED)  # noqa: S311 - a repeatable day, no secret
        todo = [(chance.randrange(end), what) for what in ["event"] * events + ["loss"] * losses]
        self._settle()
        for number, (moment, what) in enumerate(sorted(todo)):
            self._move_to(moment)
            if what == "event":
                self._server.add_by_user(1, module_id="test", command="check", params={"n": number})
            else:
                self._server.disconnect(1, 1012)
            self._settle()
        self._move_to(end)
        self.log += [(second, f"page: {what}") for second, what in self._tab.run("notes")]
        self.log.sort(key=operator.itemgetter(0))

    def _move_to(self, moment: int) -> None:
        while self.now < moment:
            due = self._clock.next_due_s
            until = moment if due == math.inf else min(moment, self.now + math.ceil(due * 1000))
            # Each call of the page takes milliseconds, and there are thousands of steps: one for all.
            now, used = self._tab.run("moment => clock.step(moment)", until)
            advance(self._clock, now)
            self._server.wait_delivered()
            if used == self._sent():
                self._note_requests()
            else:
                self._settle()

    def _settle(self) -> None:
        """Waits for the network: until requests are answered, and all that was sent has been received."""
        while self._tab.run("clock.settle()") != self._sent():
            self._server.wait_delivered()
        self._tab.run("clock.settle()")
        self._note_requests()

    def _note_requests(self) -> None:
        entries = self._server.requests
        for entry in entries[self._entries :]:
            if isinstance(entry, RestRequest | SocketOpened):
                kind = Path(entry.path).stem if isinstance(entry, RestRequest) else "socket"
                self.log.append((self.now // 1000, f"server: {kind}"))
        self._entries = len(entries)

    def _sent(self) -> dict[str, int]:
        connections = self._server.connections()
        return {"open": len(connections), "received": sum(connection.sent for connection in connections)}


def live(browser: Browser, bundles: Bundles, hours: int, *, shared: bool) -> list[tuple[int, str]]:
    """The log of so many hours in a fresh profile and a fresh server."""
    clock = ManualClock(START_S - LATER_S)
    options: dict[str, Any] = {"shared_worker": True} if shared else {}
    context = browser.new_context()
    server = PushServer(clock=clock, channel_lifetime_s=CHANNEL_LIFETIME_S, config_ttl_s=CONFIG_TTL_S)
    with server, serve_clock(clock) as address:
        clock.advance(LATER_S)
        code = CLOCK.replace("NOW", str(START_S * 1000)).replace("SEED", str(SEED)).replace("CLOCK", address)
        site = Site(server, bundles)
        tab = Tab(context, site, 1)
        bundle = site.bundle(**options)
        if shared:
            name, worker = bundles.worker(**options)
            server.add_page(f"/{name}", JAVASCRIPT, code + worker)
        server.watch_add(1, "TAG")
        start = f"window.hasWorker = {str(shared).lower()};"
        tab.open(site.page(inline(code), bundle, inline(start + NOTES)))
        tab.run("void BX.PULL.start(); BX.PULL.extendWatch('TAG')")
        day = Day(server, clock, tab)
        day.run(hours, events=60, losses=12)
    context.close()
    return day.log


@pytest.mark.timeout(300)
@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("shared", [False, True], ids=["direct", "shared"])
def test_a_day_is_the_same_twice(
    browser: Browser, bundles: Bundles, shared: bool, pytestconfig: pytest.Config
) -> None:
    # Four hours have an end of everything, too.
    hours = 24 if pytestconfig.getoption("--thorough") else 4
    first = live(browser, bundles, hours, shared=shared)
    events = [what for _second, what in first if what.startswith("page: event")]
    assert len(events) == len(set(events)) == 60
    counts = {what: [other for _second, other in first].count(what) for _second, what in first}
    assert counts["server: pull.watch.extend"] >= hours * HOUR_S // 1860
    assert counts["server: pull.config.get"] > hours * HOUR_S // CONFIG_TTL_S
    assert counts["page: status online"] > 12
    assert "page: gap" not in counts
    assert live(browser, bundles, hours, shared=shared) == first
