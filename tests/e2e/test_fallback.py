"""Networks that let no WebSocket through: events come by long polling, by a socket as soon as one opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.journal import PollOpened, SocketOpened

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site

# An address where no WebSocket is answered, as behind a proxy that knows none.
BLOCK = """
    window.blocked = true;
    const Socket = window.WebSocket;
    window.WebSocket = function (url) {
      return new Socket(window.blocked ? url.replace("/bitrix/subws/", "/nowhere/") : url);
    };
    """
HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
PROVOKED = ("WebSocket", "connection to the server at", "[bxpull]")


def test_events_arrive_by_long_polling_while_no_socket_can_be_opened(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(BLOCK + HEAR)
    tab.expect(*PROVOKED)
    for number in range(3):
        site.publish(id=number)
        tab.drain()
    assert [number for _, number in tab.heard()] == [0, 1, 2]
    info = tab.run("BX.PULL.getDebugInfo()")
    assert (info["Connect"], info["WebSocket connected"], info["WebSocket mode"]) == ("Y", "N", "-")


def test_the_next_page_begins_with_long_polling_at_once(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(BLOCK + HEAR, user_id=1)
    tab.expect(*PROVOKED)
    site.publish(id=1)
    tab.drain()
    site.server.clear_requests()
    tab.page.reload()
    tab.connected()
    site.publish(id=2)
    assert tab.drain() == [["test", 2]]
    assert any(isinstance(entry, PollOpened) for entry in site.server.requests)


def test_a_socket_takes_over_again_without_loss_or_duplicate(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(BLOCK + HEAR)
    tab.expect(*PROVOKED)
    site.publish(id=0)
    tab.drain()
    # The browser says it has a network (again): the client does not wait for its next try.
    tab.run("window.blocked = false; dispatchEvent(new Event('online'))")
    number = 0
    while tab.run("BX.PULL.getDebugInfo()['WebSocket connected']") == "N":
        number += 1
        site.publish(id=number)
        tab.drain()
    for last in range(number + 1, number + 4):
        site.publish(id=last)
    assert [id_ for _, id_ in tab.drain()] == list(range(number + 4))
    assert any(isinstance(entry, SocketOpened) for entry in site.server.requests)


@pytest.mark.parametrize("version", [3, 5])
def test_it_works_for_every_format(open_tab: OpenTab, site: Site, version: int) -> None:
    site.server.set_user(1, server_version=version)
    tab = open_tab(BLOCK + HEAR)
    tab.expect(*PROVOKED)
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
