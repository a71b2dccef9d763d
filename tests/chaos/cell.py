"""One cell of the matrix: a browser's page, a wire format, a mode; plays schedules there."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from bxpull_server.harness.browsers import launch_options
from tests.chaos.oracle import Loss, Record
from tests.chaos.scale import TIME_FACTOR
from tests.chaos.schedules import Calm, Kill, Page, Publish, Schedule, Server, Step, kind
from tests.chaos.server import ChaosServer
from tests.pages import wait_until

if TYPE_CHECKING:
    from types import TracebackType

    from playwright.sync_api import Playwright

    from tests.chaos.page_server import PageServer

BROWSERS = ("chromium", "firefox")
VERSIONS = {"text": 3, "protobuf": 4, "jsonrpc": 5}
"""Wire formats, and the server version that speaks them."""
MODES = ("direct",)
WAIT_MS = 10_000
_HISTORY_LIMIT = 10_000
_PAGE_STEPS = {
    "hide": "chaos.show(false)",
    "show": "chaos.show(true)",
    "offline": "chaos.network(false)",
    "online": "chaos.network(true)",
}
_STATE = "JSON.stringify(chaos.state)"
_AT_THE_END = "chaos.show(true); chaos.network(true)"


class Place(NamedTuple):
    """Where schedules are played.

    Attributes:
        browser: One of ``BROWSERS``.
        wire: One of ``VERSIONS``.
        mode: One of ``MODES``.
    """

    browser: str
    wire: str
    mode: str

    def __str__(self) -> str:
        return "-".join(self)


PLACES = tuple(Place(*names) for names in itertools.product(BROWSERS, VERSIONS, MODES))


@dataclass
class Counts:
    """What was done so far in a cell."""

    schedules: int = 0
    events: int = 0
    faults: Counter[str] = field(default_factory=Counter)


class Cell:
    """Plays schedules; each has a user of its own, and so a page that knows nothing of the one before.

    Attributes:
        counts: What was done so far.

    Args:
        playwright: Starts the browser.
        pages: Serves the page.
        place: Which cell of the matrix.
        fault: What the page does wrong on purpose, see ``page.js``; "": nothing.
    """

    def __init__(self, playwright: Playwright, pages: PageServer, place: Place, fault: str = "") -> None:
        self.counts = Counts()
        self._pages = pages
        self._fault = fault
        self._users = itertools.count(1)
        self._server = ChaosServer(server_version=VERSIONS[place.wire], history_limit=_HISTORY_LIMIT)
        self._browser = getattr(playwright, place.browser).launch(**launch_options(place.browser))
        self._page = self._browser.new_page()

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)
        self._browser.close()

    def play(self, schedule: Schedule) -> Record:
        """Plays a schedule from a connected page to one that has caught up; returns what came of it."""
        record = Record()
        user = next(self._users)
        self._through = self._server.call("look", user)["through"]
        query = urlencode(
            {"user": user, "port": self._server.port, "factor": TIME_FACTOR, "fault": self._fault}
        )
        self._page.goto(f"{self._pages.url}?{query}")
        wait_until(self._page, "window.BX && BX.PULL.isConnected()", timeout_ms=WAIT_MS)
        stuck = []
        try:
            # From here on there is a position to resume from.
            self._step(Publish(1), user, record)
            self._step(Calm(), user, record)
            for step in schedule:
                self._step(step, user, record)
                self.counts.faults[kind(step)] += 1
            self._ready()
            self._page.evaluate(_AT_THE_END)
            self._step(Publish(1), user, record)
            self._step(Calm(), user, record)
        except PlaywrightTimeoutError:
            stuck = [{"error": f"the page does not catch up: {self._page.evaluate(_STATE)}"}]
        record.log = [*self._page.evaluate("chaos.log"), *stuck]
        self.counts.schedules += 1
        self.counts.events += len(record.mids)
        return record

    def _step(self, step: Step, user: int, record: Record) -> None:
        match step:
            case Publish(count):
                answer = self._server.call("publish", user, first=len(record.mids), count=count)
                record.mids += answer["mids"]
                self._note_loss(answer, record)
            case Calm():
                wait_until(
                    self._page,
                    "([number, mid]) => window.chaos && chaos.knows(number, mid)",
                    [len(record.mids) - 1, record.mids[-1]],
                    timeout_ms=WAIT_MS,
                )
            case Server(do, values):
                self._note_loss(self._server.call(do, user, **dict(values)), record)
            case Kill():
                self._server.kill()
                self._note_loss(self._server.revive(user), record, total=True)
            case Page("reload"):
                self._page.reload(wait_until="commit")
            case Page(what):
                self._ready()
                self._page.evaluate(_PAGE_STEPS[what])

    def _ready(self) -> None:
        wait_until(self._page, "window.chaos", timeout_ms=WAIT_MS)

    def _note_loss(self, answer: dict[str, Any], record: Record, *, total: bool = False) -> None:
        through = answer["through"]
        if through != self._through:
            record.losses.append(Loss(through, total))
        self._through = through
