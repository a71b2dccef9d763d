"""Connections that end, pages that reload, channels that are refused: no event is lost, none comes twice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from bxpull_server.journal import RestRequest
from tests.e2e.support import inline
from tests.e2e.wire import FORMATS_AND_TRANSPORTS

if TYPE_CHECKING:
    from types import TracebackType

    from bxpull_server import PushServer
    from tests.e2e.support import NewTab, OpenTab, Site
    from tests.e2e.wire import Wire

pytestmark = pytest.mark.every_wire(always=FORMATS_AND_TRANSPORTS)

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
# Survives a reload: what every page of the tab was told.
KEEP = """
BX.addCustomEvent("onPullEvent-test", (command, params) => {
  sessionStorage.kept = (sessionStorage.kept || "") + params.id + " ";
});
window.kept = () => (sessionStorage.kept || "").trim().split(" ").map(Number);
"""
# What a lost connection makes a browser and the client print.
LOST = ("WebSocket", "connection to the server at", "Failed to load resource", "[bxpull]")


class Publisher:
    """Publishes numbered events to user 1, one after the other, until it is left.

    Args:
        server: Where.
        pause_s: Seconds between two events.

    Attributes:
        begun: Number of the next event: whoever listens now hears this one and all that follow.
        count: How many are published, for certain.
    """

    def __init__(self, server: PushServer, pause_s: float = 0.002) -> None:
        self._server = server
        self._pause_s = pause_s
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._publish)
        self.begun = 0
        self.count = 0

    def __enter__(self) -> Publisher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _publish(self) -> None:
        while not self._end.wait(self._pause_s):
            number = self.count
            self.begun = number + 1
            self._server.add_by_user(1, module_id="test", command="check", params={"id": number})
            self.count = number + 1


def test_events_published_while_the_server_restarts_arrive_afterwards(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    tab.expect(*LOST)
    site.publish(id=1)
    tab.drain()
    site.server.restart()
    for number in (2, 3):
        site.publish(id=number)
    assert [number for _, number in tab.drain()] == [1, 2, 3]


def test_a_server_that_was_away_is_found_again(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    tab.expect(*LOST)
    site.publish(id=1)
    tab.drain()
    site.server.call(lambda server: server.stop())
    tab.until("!BX.PULL.isConnected()")
    site.server.call(lambda server: server.start())
    site.publish(id=2)
    assert [number for _, number in tab.drain()] == [1, 2]


def test_a_short_loss_is_announced_as_connecting_and_not_as_offline(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab("BX.addCustomEvent('onPullStatus', hear('status'))")
    tab.expect(*LOST)
    tab.drain()  # a page that has seen a message can continue from it
    site.server.wait_connected(1)
    assert site.server.disconnect(1) == 1
    tab.drain()
    assert tab.heard() == [["status", status] for status in ("connect", "online", "connect", "online")]


def test_a_steady_stream_survives_lost_connections(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    tab.expect(*LOST)
    with Publisher(site.server) as publisher:
        for connection in range(1, 4):
            tab.heard(connection * 50)
            site.server.wait_connected(1)
            site.server.disconnect(1)
        tab.heard(200)
    assert [number for _, number in tab.drain()] == list(range(publisher.count))


def test_a_steady_stream_survives_reloads_of_the_page(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(KEEP)
    with Publisher(site.server) as publisher:
        for load in range(1, 4):
            tab.until("count => kept().length >= count", load * 50)
            tab.page.reload()
        tab.until("kept().length >= 200")
    tab.drain()
    assert tab.run("kept()") == list(range(publisher.count))


def test_another_tab_does_not_continue_where_this_one_stopped(open_tab: OpenTab, site: Site) -> None:
    first = open_tab(HEAR)
    site.publish(id=1)
    first.drain()
    first.page.close()
    second = open_tab(HEAR)
    site.publish(id=2)
    assert [number for _, number in second.drain()] == [2]


def config_reloads(site: Site) -> list[str]:
    """The log tags of all requests for a config."""
    return [
        parse_qs(entry.query)["logTag"][0]
        for entry in site.server.requests
        if isinstance(entry, RestRequest) and entry.path == "/rest/pull.config.get.json"
    ]


def wait_replaced(site: Site) -> None:
    """Waits until a page replaces a refused config; until then its socket seems to be open."""
    site.server.wait_request(
        lambda entry: isinstance(entry, RestRequest) and "logTag=4010_wrong_channel_id" in entry.query
    )


# Wrong signatures on channel ids and on the token.
SPOIL = """text => text
  .replace(/"id":"([0-9a-f:]+)\\.[0-9a-f]+"/g, '"id":"$1.' + "0".repeat(40) + '"')
  .replace(/"jwt":"([^"]+)\\.[^".]+"/, '"jwt":"$1.AAAA"')"""


def test_a_kept_config_with_a_wrong_signature_is_replaced(open_tab: OpenTab, site: Site, wire: Wire) -> None:
    tab = open_tab(HEAR, user_id=1)
    tab.expect(*LOST)
    spoilt = tab.run(
        f"""() => {{
          const spoil = {SPOIL};
          const keys = Object.keys(localStorage).filter((key) => key.endsWith("bx-pull-config"));
          for (const key of keys) localStorage[key] = spoil(localStorage[key]);
          return keys.length;
        }}"""
    )
    assert spoilt == 1
    tab.page.reload()
    wait_replaced(site)
    tab.connected()
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert wire.refusals(site.server.requests) == 1
    assert config_reloads(site) == ["client_start", "4010_wrong_channel_id"]


def test_a_config_of_the_page_with_a_wrong_signature_is_replaced(
    open_tab: OpenTab, new_tab: NewTab, site: Site, wire: Wire
) -> None:
    config = open_tab().run(f"({SPOIL})(JSON.stringify(BX.PULL.getConfig()))")
    start = inline(f"hearDrain(); BX.PULL.start({config})")
    tab = new_tab().open(site.page(site.bundle(), inline(HEAR), start))
    tab.expect(*LOST)
    wait_replaced(site)
    tab.connected()
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert wire.refusals(site.server.requests) == 1


def test_an_expired_channel_is_swapped_without_asking_for_the_config(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    tab = open_tab(HEAR)
    site.publish(id=1)
    tab.drain()
    site.server.expire_channel(1)
    wire.wait_left(site.server, 3000)
    site.publish(id=2)
    assert [number for _, number in tab.drain()] == [1, 2]
    assert config_reloads(site) == ["client_start"]


def test_a_config_that_expired_is_loaded_again(open_tab: OpenTab, site: Site, wire: Wire) -> None:
    tab = open_tab(HEAR)
    site.server.expire_config(1)
    wire.wait_left(site.server, 3003)
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert config_reloads(site) == ["client_start", "3003_config_expired_received"]


def test_a_stopped_client_stays_away_until_it_is_started(open_tab: OpenTab, site: Site, wire: Wire) -> None:
    tab = open_tab(HEAR)
    site.publish(id=1)
    tab.drain()
    tab.run("BX.PULL.stop()")
    wire.wait_left(site.server, 3004)
    site.server.wait_disconnected(1)
    site.publish(id=2)
    assert tab.run("BX.PULL.isConnected()") is False
    assert site.server.connections() == []
    tab.run("BX.PULL.start()")
    assert [number for _, number in tab.drain()] == [1, 2]


def test_a_page_without_a_user_is_told_so(new_tab: NewTab, site: Site) -> None:
    code = """
        BX.addCustomEvent("onPullError", hear("error"));
        BX.PULL.start().catch((error) => hear("start")(error.code));
        """
    tab = new_tab(user=0).open(site.page(site.bundle(), inline(code)), "?bxpull_user=0")
    tab.expect("403")
    assert tab.heard(2) == [["error", "AUTHORIZE_ERROR"], ["start", "AUTHORIZE_ERROR"]]
