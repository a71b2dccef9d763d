"""Clients that are started and destroyed leave nothing: memory, timers, listeners, sockets, storage keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.journal import SocketClosed
from tests.e2e.support import inline
from tests.e2e.wire import FORMATS, LONG_POLLING, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, BrowserType

    from tests.e2e.support import NewTab, Site, Tab

# Each takes Firefox ten times as long.
CYCLES = {"chromium": 200, "firefox": 50}
MOST = max(CYCLES.values())
# Caches of the browser and of the JavaScript engine fill in the first cycles.
WARM_UP = 50
INVENTORY = (Path(__file__).parent / "inventory.js").read_text("utf-8")
NOTHING = {"timers": 0, "listeners": 0, "requests": 0, "sockets": 0, "ports": 0, "keys": 0}

# A whole life: everything that a client can hold, then its end. Some do not wait for the connection.
LIVE = """
window.live = async (cycles) => {
  for (let cycle = 0; cycle < cycles; cycle++) {
    const pull = new BX.PullClient({ userId: 1, minReconnectDelay: 1, ...window.pullOptions });
    pull.subscribe({ moduleId: "test", callback() {} });
    pull.onState(() => {});
    // What is printed, the browser keeps for its console.
    if (!window.isQuiet) pull.enableLogging();
    pull.extendWatch("TAG", true);
    const started = pull.start().catch(() => {});
    if (cycle % 4) await started;
    if (cycle % 4 === 2) pull.reconnect();
    if (cycle % 4 === 3) dispatchEvent(new Event("pagehide"));
    pull.destroy();
    await started;
  }
};
"""


@pytest.fixture
def living_tab(site: Site, new_tab: NewTab) -> Callable[..., Tab]:
    """Opens a page that can start and destroy clients and count what they hold."""

    def opener(code: str = "", context: BrowserContext | None = None, **options: Any) -> Tab:
        page = site.page(inline(INVENTORY), site.bundle(**options), inline(LIVE), inline(code))
        return new_tab(context=context).open(page)

    return opener


def held(tab: Tab) -> dict[str, int]:
    """What is held now, once closing sockets and aborted requests are through."""
    tab.until("inventory().sockets === 0 && inventory().requests === 0")
    found: dict[str, int] = tab.run("inventory()")
    del found["begun"]
    return found


@pytest.mark.every_wire(always=(*FORMATS, Wire(4, LONG_POLLING)))
# A poll that is given up stays a connection for a while: another may follow.
@pytest.mark.server_options(connections_per_user=MOST)
def test_many_lives_leave_nothing_in_the_page(
    living_tab: Callable[..., Tab], site: Site, browser_name: str
) -> None:
    tab = living_tab()
    before = held(tab)
    tab.run("cycles => live(cycles)", CYCLES[browser_name])
    assert held(tab) == before == NOTHING
    site.server.wait_disconnected(1)


def test_many_lives_that_share_a_worker_leave_nothing_either(
    living_tab: Callable[..., Tab], site: Site, browser_name: str
) -> None:
    tab = living_tab(shared_worker=True)
    tab.run("cycles => live(cycles)", CYCLES[browser_name])
    assert held(tab) == NOTHING
    site.server.wait_disconnected(1)
    assert not any(entry.by_server for entry in site.server.requests if isinstance(entry, SocketClosed))


@pytest.mark.only_browser("chromium")
def test_two_hundred_lives_leave_the_heap_as_it_was(
    living_tab: Callable[..., Tab], browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> None:
    arguments = dict(browser_type_launch_args)
    # What the engine compiles ever better with time is in the heap, too.
    arguments["args"] = [*arguments.get("args", ()), "--js-flags=--jitless"]
    with browser_type.launch(**arguments) as browser:
        tab = living_tab("window.isQuiet = true;", context=browser.new_context())
        session = tab.page.context.new_cdp_session(tab.page)

        def used() -> int:
            held(tab)
            for _ in range(3):
                session.send("HeapProfiler.collectGarbage")
            size: int = session.send("Runtime.getHeapUsage")["usedSize"]
            return size

        tab.run("cycles => live(cycles)", WARM_UP)
        before = used()
        tab.run("cycles => live(cycles)", MOST)
        after = used()
        print(f"{before} bytes before, {after} after {MOST} cycles")  # noqa: T201
        assert after <= before * 1.02


def test_a_start_that_failed_leaves_nothing_either(living_tab: Callable[..., Tab]) -> None:
    tab = living_tab("window.pullOptions = { configUrl: '/nowhere' };")
    tab.expect("404", "nowhere", "Not Found", "[bxpull] stopped")
    tab.run("live(20)")
    assert held(tab) == NOTHING


def test_nothing_is_requested_in_the_hour_after(living_tab: Callable[..., Tab], site: Site) -> None:
    tab = living_tab("window.open1 = new BX.PullClient({ userId: 1 });")
    tab.page.clock.install()
    tab.page.reload()
    tab.run("open1.start().then(() => open1.extendWatch('TAG'))")
    tab.run("open1.destroy()")
    held(tab)
    begun, noted = tab.run("inventory().begun"), len(site.server.requests)
    tab.page.clock.run_for(3_600_000)
    tab.run("for (const type of ['online', 'pageshow', 'visibilitychange']) dispatchEvent(new Event(type))")
    assert tab.run("inventory().begun") == begun
    assert begun == 2, "the configuration and a socket: the page was not counted"
    assert [entry for entry in site.server.requests[noted:] if "Closed" not in type(entry).__name__] == []
    assert held(tab) == NOTHING
