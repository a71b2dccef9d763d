"""One cell of the matrix: a browser's page, a wire format, a mode; plays schedules there."""

from __future__ import annotations

import itertools
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode

from bxpull_server.harness.secret_guard import SecretGuard
from tests.chaos.oracle import Loss, Record
from tests.chaos.schedules import Calm, Kill, Page, Publish, Schedule, Server, Step, Tabs, kind, server
from tests.chaos.server import ChaosServer
from tests.chaos.tab import StuckError, Tab

if TYPE_CHECKING:
    from types import TracebackType

    from playwright.sync_api import Browser, BrowserContext

    from tests.chaos.page_server import PageServer

BROWSERS = ("chromium", "firefox")
VERSIONS = {"text": 3, "protobuf": 4, "jsonrpc": 5}
"""Wire formats, and the server version that speaks them."""
MODES = ("direct", "shared")
_HISTORY_LIMIT = 10_000
_LOG = "chaos.log"
_DEFECT = re.compile("^ERROR:", re.MULTILINE)
_AT_THE_END = "chaos.show(true); chaos.network(true); chaos.block(false)"


class Place(NamedTuple):
    """Where schedules are played.

    Attributes:
        browser: One of ``BROWSERS``.
        wire: One of ``VERSIONS``.
        mode: One of ``MODES``: one tab with a socket, or two that share one.
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
        browser: The place's.
        pages: Serves the page.
        place: Which cell of the matrix.
        fault: What the page does wrong on purpose, see ``page.js``; "": nothing.
        guard: Knows the secrets of servers, and looks for them in what people can see.
    """

    def __init__(
        self,
        browser: Browser,
        pages: PageServer,
        place: Place,
        fault: str = "",
        guard: SecretGuard | None = None,
    ) -> None:
        self.counts = Counts()
        self._guard = guard or SecretGuard()
        self._page_url = f"{pages.url}/{place.mode}/page.html"
        self._fault = fault
        self._users = itertools.count(1)
        self._server = ChaosServer(
            self._guard, server_version=VERSIONS[place.wire], history_limit=_HISTORY_LIMIT
        )
        self._context = browser.new_context()
        self._tab = Tab(self._context)
        self._has_two = place.mode == "shared"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)
        self._context.close()

    def play(self, schedule: Schedule) -> list[Record]:
        """Plays a schedule, from a connected page to one that has caught up; returns a record a tab.

        A secret that can be read on a page, its console or in the server's log is an error of the last one.
        """
        user = next(self._users)
        query = urlencode({"user": user, "port": self._server.port, "fault": self._fault})
        play = _Play(self._server, self._context, self._tab, user, f"{self._page_url}?{query}")
        stuck = ""
        try:
            play.open_tabs(two=self._has_two)
            for step in schedule:
                play.step(step)
                self.counts.faults[kind(step)] += 1
            play.end()
        except StuckError as error:
            stuck = str(error)
        self.counts.schedules += 1
        self.counts.events += len(play.mids)
        seen = {**play.visible(), "the server's log": self._server.new_log()}
        records = play.records(stuck)
        for where, text in seen.items():
            kinds = ", ".join(self._guard.shown_in(text))
            records[-1].log += [{"error": f"{where} shows a secret: {kinds}"}] if kinds else []
            if kinds or _DEFECT.search(text):
                sys.stderr.write(self._guard.redacted(text))
        return records


class _Play:
    """A schedule that is being played."""

    def __init__(self, server: ChaosServer, context: BrowserContext, tab: Tab, user: int, url: str) -> None:
        self._server = server
        self._context = context
        self._tabs = [tab]
        self._user = user
        self._url = url
        self._through = server.call("look", user)["through"]
        self._closed: list[Record] = []
        self._losses: list[Loss] = []
        self.mids: list[str] = []

    def open_tabs(self, *, two: bool) -> None:
        self._tabs[0].open(self._url, self._publish_one)
        if two:
            self.step(Tabs("open tab"))

    def step(self, step: Step) -> None:
        match step:
            case Publish(count):
                answer = self._server.call("publish", self._user, first=len(self.mids), count=count)
                self.mids += answer["mids"]
                self._note_loss(answer)
            case Calm():
                for tab in self._tabs:
                    tab.catch_up(len(self.mids) - 1, self.mids[-1])
            case Server(do, values):
                self._note_loss(self._server.call(do, self._user, **dict(values)))
            case Kill():
                self._server.kill()
                self._note_loss(self._server.revive(self._user), total=True)
            case Page(what, tab):
                self._tabs[tab % len(self._tabs)].do(what)
            case Tabs("open tab"):
                if len(self._tabs) == 1:
                    self._tabs.append(Tab(self._context))
                    self._tabs[1].open(self._url, self._publish_one)
            case Tabs():
                if len(self._tabs) > 1:
                    self._closed.append(self._record(self._tabs[1], is_whole=False))
                    self._tabs.pop().close()

    def end(self) -> None:
        """Let everything be well, and wait until the page has caught up."""
        self.step(server("clear_faults"))
        for tab in self._tabs:
            tab.run(_AT_THE_END)
        self.step(Publish(1))
        self.step(Calm())

    def visible(self) -> dict[str, str]:
        """What people can look at, by place."""
        return {f"tab {number}": tab.visible() for number, tab in enumerate(self._tabs, 1)}

    def records(self, stuck: str) -> list[Record]:
        """What each tab was told. Closes all but one."""
        records = [*self._closed, *(self._record(tab, is_whole=True) for tab in self._tabs)]
        if stuck:
            records[-1].log.append({"error": stuck})
        for tab in self._tabs[1:]:
            tab.close()
        return records

    def _record(self, tab: Tab, *, is_whole: bool) -> Record:
        return Record(self.mids, self._losses, tab.run(_LOG), first=tab.first, is_whole=is_whole)

    def _publish_one(self) -> tuple[int, str]:
        self.step(Publish(1))
        return len(self.mids) - 1, self.mids[-1]

    def _note_loss(self, answer: dict[str, Any], *, total: bool = False) -> None:
        through = answer["through"]
        if through != self._through:
            self._losses.append(Loss(through, total))
        self._through = through
