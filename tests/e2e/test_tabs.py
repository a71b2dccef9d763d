"""Tabs that share one connection: each hears each event once, whatever the others do."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.clock import NS_PER_S, SystemClock
from bxpull_server.harness.browsers import launch_options
from bxpull_server.journal import SocketClosed, SocketOpened
from tests.e2e.support import JAVASCRIPT, RECORDER, START, inline, names
from tests.e2e.test_recovery import KEEP, LOST, Publisher
from tests.e2e.wire import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, BrowserType

    from bxpull_server import PushServer
    from tests.e2e.support import NewTab, OpenTab, Site, Tab
    from tests.e2e.wire import Wire

TEXT, PROTOBUF, JSON_RPC = FORMATS

SHARE: dict[str, Any] = {"shared_worker": True}
HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
# Was the page restored from the back/forward cache, and when did it come?
SHOWN = """
window.shown = [];
addEventListener("pageshow", (event) => window.shown.push(event.persisted));
"""
TABS = 5
# Firefox takes seconds for a page.
STEPS = {"chromium": 15, "firefox": 8}
SEED = 20261126
# Slow enough for five tabs on a busy machine: each writes down all it has heard with each event.
PAUSE_S = 0.01
# How Playwright keeps pages from being what they are for people: never cached, never slowed down.
UNNATURAL = [
    "--disable-back-forward-cache",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]
FIREFOX_PREFERENCES = {"browser.sessionhistory.max_total_viewers": 8, "fission.bfcacheInParent": True}
# A worker's script that ends when a page says so, as if its process were killed.
MORTAL = "new BroadcastChannel('end').onmessage = () => close();"
# What a browser and the client print when there is no worker, or no connection for a moment.
ALONE = ("[bxpull]", "worker", "Worker", "WebSocket", "connection to the server at")


class PutBack(SystemClock):
    """A clock that may be behind, by ``behind_s`` seconds."""

    behind_s = 0

    def time_ns(self) -> int:
        """What it shows."""
        return super().time_ns() - self.behind_s * NS_PER_S


CLOCK = PutBack()


@pytest.fixture
def natural_context(
    browser_type: BrowserType, browser_name: str, browser_type_launch_args: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A profile of the browser with its back/forward cache, and with throttling in the background."""
    options = {**browser_type_launch_args, **launch_options(browser_name, whole=True)}
    if browser_name == "chromium":
        options["ignore_default_args"] = UNNATURAL
    else:
        options["firefox_user_prefs"] = FIREFOX_PREFERENCES
    with browser_type.launch(**options) as browser:
        yield browser.new_context()


def wait_sockets(server: PushServer, count: int) -> None:
    """Waits until the server has so many connections."""
    tick = threading.Event()
    for _ in range(1000):
        if len(server.connections()) == count:
            return
        tick.wait(0.02)
    raise AssertionError(f"{len(server.connections())} connections, not {count}, for 20 s")


def shares(tab: Tab) -> Any:
    return tab.run("BX.PULL.getDebugInfo()['Shared worker']")


def go_away_and_back(tab: Tab, site: Site) -> bool:
    """Leaves the page for another one and comes back; whether it was kept by the browser meanwhile."""
    times = tab.run("window.shown.length")
    tab.page.goto(f"{site.server.url}{site.page(recorder='')}")
    # Not go_back(), which waits for a load that does not happen.
    tab.run("void setTimeout(() => history.back(), 0)")
    tab.until("window.BX && window.BX.PULL && window.shown.length")
    tab.connected()
    shown: list[bool] = tab.run("window.shown")
    return len(shown) == times + 1 and shown[-1]


@pytest.mark.every_format(always=PROTOBUF)
def test_each_of_five_tabs_hears_each_event_once_while_they_come_and_go(
    new_tab: NewTab, site: Site, browser_name: str, natural_context: BrowserContext
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - a repeatable order, no secret
    path = site.page(site.bundle(**SHARE), inline(SHOWN + KEEP), START)
    tabs: list[Tab] = []
    since: dict[Tab, int] = {}
    restored = 0

    def open_() -> None:
        tab = new_tab(context=natural_context).open(path).connected()
        tabs.append(tab)
        since[tab] = publisher.begun

    def check(tab: Tab) -> None:
        """It has heard everything from when it was connected, or sooner, up to the last event."""
        last = publisher.count - 1
        tab.until("last => window.kept().at(-1) >= last", last)
        kept: list[int] = tab.run("window.kept()")
        assert kept[0] <= since[tab], "the first it was to hear is missing"
        assert kept == list(range(kept[0], kept[-1] + 1))

    with Publisher(site.server, PAUSE_S) as publisher:
        while len(tabs) < TABS:
            open_()
        for _ in range(STEPS[browser_name]):
            tab = chance.choice(tabs)
            match chance.choice(("reload", "replace", "back", "back", "stop")):
                case "reload":
                    tab.page.reload()
                    tab.connected()
                case "replace":
                    check(tab)
                    tabs.remove(tab)
                    tab.page.close()
                    open_()
                case "back":
                    restored += go_away_and_back(tab, site)
                case _:
                    tab.run("BX.PULL.stop()")
                    tab.run("BX.PULL.start()")
            tab = tabs[-1] if tab.page.is_closed() else tab
            assert shares(tab) == "Y"
    for tab in tabs:
        check(tab)
    wait_sockets(site.server, 1)
    assert restored > 0, f"{browser_name} restored no page from its back/forward cache"


@pytest.mark.left_to_chromium
@pytest.mark.every_format(always=JSON_RPC)
def test_five_tabs_have_one_socket(open_tab: OpenTab, site: Site) -> None:
    tabs = [open_tab(HEAR, **SHARE) for _ in range(TABS)]
    for number in range(100):
        site.publish(id=number)
    assert [tab.drain() for tab in tabs] == [[["test", number] for number in range(100)]] * TABS
    assert [shares(tab) for tab in tabs] == ["Y"] * TABS
    assert len(site.server.connections()) == 1
    assert sum(isinstance(entry, SocketOpened) for entry in site.server.requests) == 1


def test_a_tab_that_stops_leaves_the_others_connected_and_the_last_one_closes(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    first, second = open_tab(HEAR, **SHARE), open_tab(HEAR, **SHARE)
    site.publish(id=1)
    first.drain()
    first.run("BX.PULL.stop()")
    site.publish(id=2)
    assert [number for _, number in second.drain()] == [1, 2]
    assert first.run("[BX.PULL.isConnected(), BX.PULL.getDebugInfo().Connect]") == [False, "N"]
    assert not any(isinstance(entry, SocketClosed) for entry in site.server.requests)
    second.run("BX.PULL.stop()")
    wire.wait_left(site.server, 3004)
    wait_sockets(site.server, 0)
    first.run("BX.PULL.start()")
    assert [number for _, number in first.drain()] == [1, 2]


def test_a_closed_tab_does_not_keep_the_socket_open(open_tab: OpenTab, site: Site) -> None:
    tabs = [open_tab(HEAR, **SHARE) for _ in range(2)]
    for left, tab in zip((1, 0), tabs, strict=True):
        tab.page.close()
        wait_sockets(site.server, left)


def test_every_tab_has_debug_info_and_capture(open_tab: OpenTab, site: Site, wire: Wire) -> None:
    tabs = [open_tab(HEAR, **SHARE) for _ in range(2)]
    for tab in tabs:
        tab.run("BX.PULL.capturePullEvent()")
    site.publish(id=1)
    for tab in tabs:
        tab.drain()
        assert any("onPullEvent test check" in line for line in tab.lines("info"))
        info = tab.run("BX.PULL.getDebugInfo()")
        assert (info["Connect"], info["WebSocket connected"]) == ("Y", "Y")
        assert info["WebSocket mode"] == wire.format
        assert info["Session history"]["test"] == {"check": 1}
        assert "#" in info["Path"]


@pytest.mark.left_to_chromium
def test_users_are_not_mixed(open_tab: OpenTab, site: Site) -> None:
    tabs = {user: [open_tab(HEAR, user=user, **SHARE) for _ in range(2)] for user in (1, 2)}
    for user in tabs:
        site.publish(user, id=user)
    for user, own in tabs.items():
        assert [tab.drain() for tab in own] == [[["test", user]]] * 2
    assert sorted(connection.user for connection in site.server.connections()) == [1, 2]


@pytest.mark.left_to_chromium
@pytest.mark.every_format(always=TEXT)
def test_a_lost_socket_is_replaced_by_one_for_all(open_tab: OpenTab, site: Site) -> None:
    tabs = [open_tab(HEAR, **SHARE) for _ in range(TABS)]
    for tab in tabs:
        tab.expect(*ALONE)
    site.publish(id=0)
    for tab in tabs:
        tab.drain()
    site.server.disconnect(1)
    for number in range(1, 20):
        site.publish(id=number)
    assert [[number for _, number in tab.drain()] for tab in tabs] == [list(range(20))] * TABS
    wait_sockets(site.server, 1)


@pytest.mark.server_options(clock=CLOCK)
@pytest.mark.parametrize("catches_up", [False, True], ids=["behind", "caught up"])
def test_a_tab_that_was_away_when_the_server_began_anew_is_told_and_misses_nothing_of_it(
    open_tab: OpenTab, site: Site, monkeypatch: pytest.MonkeyPatch, catches_up: bool
) -> None:
    told = "BX.addCustomEvent('onPullGap', (gap) => hear('gap')());"
    there, away = [open_tab(HEAR + told, **SHARE) for _ in range(2)]
    for tab in (there, away):
        tab.expect(*LOST)
    site.publish(id=1)
    assert names(away.drain()) == names(there.drain()) == ["test"]
    away.run("BX.PULL.disconnect()")
    site.publish(id=2)
    there.heard(2)
    monkeypatch.setattr(CLOCK, "behind_s", 3600)
    site.server.reset()
    site.publish(id=3)
    there.heard(4)
    if catches_up:
        monkeypatch.setattr(CLOCK, "behind_s", 0)
    away.run("BX.PULL.connect()")
    away.connected()
    site.publish(id=4)
    assert names(there.drain()) == ["test", "test", "gap", "test", "test"]
    assert names(away.drain()) == ["test", "gap", "test", "test"]
    assert len(site.server.connections()) == 1


@pytest.mark.left_to_chromium
def test_a_replaced_channel_moves_all_tabs(open_tab: OpenTab, site: Site) -> None:
    tabs = [open_tab(HEAR, **SHARE) for _ in range(3)]
    site.publish(id=1)
    site.server.expire_channel(1)
    site.publish(id=2)
    assert [[number for _, number in tab.drain()] for tab in tabs] == [[1, 2]] * 3
    wait_sockets(site.server, 1)


@pytest.mark.left_to_chromium
@pytest.mark.parametrize("wire", [wire for wire in FORMATS if wire.version > 3], ids=str)
def test_what_one_tab_publishes_all_hear_once_and_answers_reach_who_asked(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    code = "BX.addCustomEvent('onPullClientEvent-test', (command, params) => hear('client')(params.id));"
    tabs = [open_tab(code, **SHARE) for _ in range(3)]
    for number, tab in enumerate(tabs):
        tab.run("number => BX.PULL.sendMessage([1], 'test', 'check', { id: number })", number)
    for tab in tabs:
        assert sorted(number for _, number in tab.drain()) == [0, 1, 2]
    if wire.version == 5:
        script = "Promise.all([BX.PULL.getUsersLastSeen([1]), BX.PULL.listChannels()])"
        assert [tab.run(script)[0] for tab in tabs] == [{"1": 0}] * 3
    assert len(site.server.connections()) == 1


MISSING = "delete window.SharedWorker;"
REFUSING = "window.SharedWorker = function () { throw new DOMException('refused', 'SecurityError'); };"
SILENT = "window.SharedWorker = function () { return { port: new MessageChannel().port1 }; };"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (MISSING, "this browser has none"),
        (REFUSING, "refused"),
        (SILENT, "does not answer"),
    ],
    ids=["missing", "refused", "silent"],
)
def test_a_page_without_a_worker_connects_by_itself(new_tab: NewTab, site: Site, code: str, why: str) -> None:
    tab = new_tab().open(site.page(inline(code), site.bundle(**SHARE), inline(HEAR), START)).connected()
    tab.expect(*ALONE)
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert why in shares(tab)
    assert len([line for line in tab.lines("warning") if "without the shared worker" in line]) == 1


def open_with_policy(new_tab: NewTab, site: Site, rules: str, code: str = "") -> Tab:
    path = site.page(
        site.bundle(**SHARE),
        site.script(code + HEAR + "hearDrain(); BX.PULL.start();"),
        head=f'<meta http-equiv="Content-Security-Policy" content="{rules}; img-src data:">',
        recorder=site.script(RECORDER),
    )
    tab = new_tab().open(path)
    site.server.wait_connected(1)
    site.publish(id=1)
    return tab


@pytest.mark.parametrize(
    "rules",
    [
        "default-src 'self'; worker-src 'none'",
        "default-src 'self'; script-src 'self'; require-trusted-types-for 'script'",
    ],
    ids=["worker-src", "trusted types"],
)
def test_a_page_whose_policy_forbids_workers_connects_by_itself(
    new_tab: NewTab, site: Site, browser_name: str, rules: str
) -> None:
    tab = open_with_policy(new_tab, site, rules)
    tab.expect(
        *ALONE, "Content Security Policy", "Content-Security-Policy", "TrustedScriptURL", "trusted-types"
    )
    assert tab.drain() == [["test", 1]]
    enforced = "trusted" not in rules or browser_name == "chromium" or tab.run("'trustedTypes' in window")
    assert shares(tab)[0] == ("N" if enforced else "Y")


def test_a_page_whose_policy_allows_its_own_workers_shares(new_tab: NewTab, site: Site) -> None:
    rules = "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'"
    tab = open_with_policy(new_tab, site, rules)
    assert tab.drain() == [["test", 1]]
    assert shares(tab) == "Y"
    assert tab.run("window.violations") == []


def test_trusted_types_are_satisfied_by_an_address_that_is_trusted(new_tab: NewTab, site: Site) -> None:
    code = f"""
        const address = "/{site.bundles.worker(**SHARE)[0]}";
        const rules = {{ createScriptURL: (url) => url }};
        const own = window.trustedTypes && trustedTypes.createPolicy("own", rules);
        BX.PULL = new BX.PullClient({{ sharedWorker: own ? own.createScriptURL(address) : address }});
        """
    rules = "default-src 'self'; script-src 'self'; require-trusted-types-for 'script'; trusted-types own"
    tab = open_with_policy(new_tab, site, rules, code)
    assert tab.drain() == [["test", 1]]
    assert shares(tab) == "Y"


def test_a_worker_that_is_not_there_is_noticed(new_tab: NewTab, site: Site) -> None:
    options = {**SHARE, "worker_url": "/nowhere/worker.js"}
    tab = new_tab().open(site.page(site.bundle(**options), inline(HEAR), START)).connected()
    tab.expect(*ALONE, "404", "Failed to load")
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert shares(tab).startswith("N: ")


@pytest.mark.every_format(always=JSON_RPC)
def test_when_the_worker_is_gone_the_tabs_connect_by_themselves_and_lose_nothing(
    new_tab: NewTab, site: Site
) -> None:
    path = "/mortal-worker.js"
    options = {**SHARE, "worker_url": path}
    page = site.page(site.bundle(**options), inline(HEAR), START)
    site.server.add_page(path, JAVASCRIPT, MORTAL + site.bundles.worker(**options)[1])
    tabs = [new_tab().open(page).connected() for _ in range(2)]
    for tab in tabs:
        tab.expect(*ALONE)
        # Firefox does not tell: there it takes until the worker has not answered for a while.
        tab.page.set_default_timeout(60_000)
    site.publish(id=1)
    assert [tab.drain() for tab in tabs] == [[["test", 1]]] * 2
    assert [shares(tab) for tab in tabs] == ["Y"] * 2
    tabs[0].run("void new BroadcastChannel('end').postMessage(0)")
    wait_sockets(site.server, 0)
    site.publish(id=2)
    for tab in tabs:
        assert [number for _, number in tab.drain()] == [1, 2]
        assert shares(tab).startswith("N: ")
    wait_sockets(site.server, 2)
