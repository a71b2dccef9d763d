"""The harness's clock: a day of reconnects, renewals and expiries, an hour of backoff; twice the same."""

from __future__ import annotations

import itertools
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server import ManualClock, PushServer
from bxpull_server.harness.clock import PullClock
from tests.e2e.support import JAVASCRIPT, Site, Tab, inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext

    from tests.e2e.support import Bundles

HOUR_S = 3600
SEED = 24
CHANNEL_LIFETIME_S = 3 * 3600
CONFIG_TTL_S = 2 * 3600
START = inline("BX.PULL.start().catch(() => {});")
BOTH = pytest.mark.parametrize("shared", [False, True], ids=["direct", "shared"])

Log = list[tuple[float, str]]


class World:
    """A server, a browser context without pages, and the clock of both.

    Attributes:
        server: Makes channels and configs that are over after hours.
        clock: Theirs.
    """

    def __init__(self, server: PushServer, clock: PullClock, context: BrowserContext, site: Site) -> None:
        self.server = server
        self.clock = clock
        self._context = context
        self._site = site

    def open(self, *, shared: bool = False, user: int = 1, **options: Any) -> Tab:
        """Opens a page that starts the client."""
        if shared:
            options["shared_worker"] = True
        bundle = self._site.bundle(**options)
        if shared:
            name, worker = self._site.bundles.worker(**options)
            self.server.add_page(f"/{name}", JAVASCRIPT, self.clock.worker_prefix + worker)
        tab = Tab(self._context, self._site, user)
        tab.open(self._site.page(bundle, START), f"?bxpull_user={user}")
        self.clock.settle()
        return tab

    def publish(self, n: int) -> None:
        """Sends an event to user 1."""
        self.server.add_by_user(1, module_id="test", command="check", params={"n": n})


@contextmanager
def world(browser: Browser, bundles: Bundles, **options: Any) -> Iterator[World]:
    """A fresh one, at the same moment each time; ``options``: of the server."""
    time = ManualClock()
    options = {"channel_lifetime_s": CHANNEL_LIFETIME_S, "config_ttl_s": CONFIG_TTL_S, **options}
    context = browser.new_context()
    with PushServer(clock=time, **options) as server, PullClock(time, server, seed=SEED) as clock:
        clock.attach(context)
        yield World(server, clock, context, Site(server, bundles))
        context.close()


def count(log: Log, what: str) -> int:
    return sum(text.startswith(what) for _second, text in log)


def twice(browser: Browser, bundles: Bundles, live: Callable[[World], None], **options: Any) -> Log:
    """The log of a life that is lived twice, and has to be the same."""
    logs: list[Log] = []
    for _ in range(2):
        with world(browser, bundles, **options) as here:
            live(here)
            logs.append(here.clock.log)
    first, second = logs
    assert second == first
    return first


@pytest.mark.timeout(300)
@pytest.mark.only_browser("chromium")
@BOTH
def test_a_day_is_the_same_twice(
    browser: Browser, bundles: Bundles, shared: bool, pytestconfig: pytest.Config
) -> None:
    # Four hours have an end of everything, too; with a worker they take three times as long.
    hours = 24 if pytestconfig.getoption("--thorough") else 0.5 if shared else 4

    def live(here: World) -> None:
        end = hours * HOUR_S
        chance = random.Random(SEED)  # noqa: S311 - a repeatable day, no secret
        todo = [(chance.uniform(0, end), what) for what in ["event"] * 60 + ["loss"] * 12]
        here.server.watch_add(1, "TAG")
        here.open(shared=shared).run("BX.PULL.extendWatch('TAG')")
        for number, (moment, what) in enumerate(sorted(todo)):
            here.clock.advance(moment - here.clock.now)
            if what == "event":
                here.publish(number)
            else:
                here.server.disconnect(1, 1012)
        here.clock.advance(end - here.clock.now)
        assert here.clock.now == end

    log = twice(browser, bundles, live)
    events = [text for _second, text in log if text.startswith("page 1: event")]
    assert len(events) == len(set(events)) == 60
    assert count(log, "server: pull.watch.extend") >= hours * HOUR_S // 1860
    assert count(log, "server: pull.config.get") > hours * HOUR_S // CONFIG_TTL_S
    assert count(log, "page 1: status online") > 12
    assert count(log, "page 1: gap") == 0


@pytest.mark.only_browser("chromium")
def test_an_hour_of_backoff_is_the_same_twice(browser: Browser, bundles: Bundles) -> None:
    def live(here: World) -> None:
        here.open(long_polling=False)
        refusal = here.server.faults.add("refuse", status=503, times=None)
        here.server.disconnect(1, 1012)
        here.clock.advance(HOUR_S)
        here.server.faults.clear(refusal)
        here.clock.advance(30)

    log = twice(browser, bundles, live)
    tries = [second for second, text in log if text == "server: socket refused"]
    assert 200 < len(tries) < 300
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert max(pauses) <= 30
    assert sum(pauses) / len(pauses) == pytest.approx(15, abs=2)
    online = [second for second, text in log if text == "page 1: status online"]
    assert len(online) == 2
    assert HOUR_S < online[1] <= HOUR_S + 30


@pytest.mark.only_browser("chromium")
def test_a_handshake_after_one_that_failed_goes_to_another_port(browser: Browser, bundles: Bundles) -> None:
    with world(browser, bundles) as here:
        tab = here.open(long_polling=False)
        assert tab.run("BX.PULL.isConnected()")
        addresses: list[str] = []
        tab.page.on("websocket", lambda socket: addresses.append(socket.url))
        refusal = here.server.faults.add("refuse", status=503, times=None)
        here.server.disconnect(1, 1012)
        here.clock.advance(5 * 60)
        here.server.faults.clear(refusal)
        here.clock.advance(30)
        assert tab.run("BX.PULL.isConnected()")
    tries = [address.partition("/bitrix/")[0] for address in addresses if "/bitrix/" in address]
    assert len(tries) > 10
    assert all(earlier != later for earlier, later in itertools.pairwise(tries))
    assert tries[0] == here.server.url.replace("http", "ws")


@pytest.mark.only_browser("chromium")
def test_an_hour_without_a_server_is_the_same_twice(browser: Browser, bundles: Bundles) -> None:
    def live(here: World) -> None:
        here.open(long_polling=False)
        here.server.stop()
        here.clock.advance(HOUR_S)
        here.server.start()
        here.clock.advance(30)

    log = twice(browser, bundles, live)
    assert 200 < count(log, "page 1: connecting") < 300
    online = [second for second, text in log if text == "page 1: status online"]
    assert len(online) == 2
    assert HOUR_S < online[1] <= HOUR_S + 30


@pytest.mark.only_browser("chromium")
def test_an_hour_of_long_polling_is_the_same_twice(browser: Browser, bundles: Bundles) -> None:
    def live(here: World) -> None:
        here.open()
        for number in range(6):
            here.publish(number)
            here.clock.advance(HOUR_S / 6)

    log = twice(browser, bundles, live, websocket_enabled=False)
    assert count(log, "page 1: event") == 6
    # One waits 40 seconds.
    assert count(log, "server: poll of user 1") >= HOUR_S / 40


@pytest.mark.only_browser("chromium")
def test_a_line_that_is_half_open_does_not_hold_the_clock_up(browser: Browser, bundles: Bundles) -> None:
    with world(browser, bundles) as here:
        here.open()
        here.server.faults.add("half_open")
        here.publish(1)
        here.clock.advance(5 * 60)
        assert count(here.clock.log, "page 1: event") == 1


@pytest.mark.only_browser("chromium")
@BOTH
def test_pages_come_and_go(browser: Browser, bundles: Bundles, shared: bool) -> None:
    def live(here: World) -> None:
        first = here.open(shared=shared)
        here.clock.advance(100)
        second = here.open(shared=shared)
        now = "window.bxPullEnv.Date.now()"
        assert first.run(now) == second.run(now)
        here.publish(1)
        here.clock.advance(100)
        assert first.run(now) == second.run(now)
        first.page.reload()
        here.clock.settle()
        here.publish(2)
        here.clock.advance(100)
        second.page.close()
        here.clock.advance(100)
        here.publish(3)
        here.clock.advance(100)

    log = twice(browser, bundles, live)
    # The first page became the third when it was loaded again.
    heard = {page: [text for _s, text in log if text.startswith(f"page {page}: event")] for page in (1, 2, 3)}
    assert [len(heard[page]) for page in (1, 2, 3)] == [1, 2, 2]


@pytest.mark.left_to_chromium
def test_the_page_itself_lives_in_real_time(browser: Browser, bundles: Bundles) -> None:
    with world(browser, bundles) as here:
        tab = here.open()
        began = tab.run("Date.now()")
        here.clock.advance(HOUR_S)
        assert tab.run("Date.now()") - began < HOUR_S * 1000 / 2
        assert tab.run("new Promise((resolve) => setTimeout(resolve, 10, 'rang'))") == "rang"
        assert tab.run("window.bxPullEnv.Date.now()") == (1_790_000_000 + HOUR_S) * 1000
        tab.until("BX.PULL.isConnected()")


def test_time_does_not_go_backwards(browser: Browser, bundles: Bundles) -> None:
    with world(browser, bundles) as here, pytest.raises(ValueError, match="must not be negative: -1"):
        here.clock.advance(-1)
