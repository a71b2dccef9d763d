"""What page code registers with BX.addCustomEvent, and what it is called with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.support import names, without_extra
from tests.e2e.wire import WIRES

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site

pytestmark = pytest.mark.every_wire


@pytest.mark.every_wire(always=WIRES)
def test_a_module_handler_gets_command_params_and_extra(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab("BX.addCustomEvent('onPullEvent-test', hear('test'))")
    site.publish(id=1)
    [[name, command, params, extra]] = tab.heard(1)
    assert (name, command, params) == ("test", "check", {"id": 1})
    assert extra["revision_web"] == 19


def test_families_are_called_desktop_first_and_the_module_before_all(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        for (const name of ["onPull", "onPullEvent", "onPull-test", "onPullEvent-test", "onPullEvent-other"])
          BX.addCustomEvent(name, hear(name));
        """
    )
    site.publish()
    assert names(tab.drain())[:4] == ["onPullEvent-test", "onPullEvent", "onPull-test", "onPull"]
    assert "onPullEvent-other" not in names(tab.heard())


def test_params_as_an_empty_array_arrive_as_an_empty_array(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab("BX.addCustomEvent('onPullEvent-test', hear('test'))")
    site.server.add_by_user(1, module_id="test", command="check", params=[])
    assert without_extra(tab.drain()) == [["test", "check", []]]


def test_delegate_keeps_this_of_the_page(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        function Chat() {
          this.name = "chat";
          BX.addCustomEvent("onPullEvent-test", BX.delegate(function (command, params) {
            hear(this.name)(command, params);
          }, this));
        }
        new Chat();
        """
    )
    site.publish(id=1)
    assert tab.drain() == [["chat", "check", {"id": 1}]]


def test_a_removed_handler_hears_nothing_more(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        window.gone = hear("gone");
        BX.addCustomEvent("onPullEvent-test", gone);
        BX.addCustomEvent("onPullEvent-test", hear("stays"));
        """
    )
    site.publish(id=1)
    tab.drain()
    tab.run("BX.removeCustomEvent('onPullEvent-test', gone)")
    site.publish(id=2)
    assert names(tab.drain()) == ["gone", "stays", "stays"]


def test_a_proxied_handler_can_be_removed_by_the_same_pair(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        window.handler = hear("proxied");
        window.owner = {};
        BX.addCustomEvent("onPullEvent-test", BX.proxy(handler, owner));
        """
    )
    site.publish()
    tab.drain()
    tab.run("BX.removeCustomEvent('onPullEvent-test', BX.proxy(handler, owner))")
    site.publish()
    assert names(tab.drain()) == ["proxied"]


def test_an_ended_subscription_hears_nothing_more(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab("window.end = BX.PULL.subscribe({moduleId: 'test', callback: hear('subscribed')})")
    site.publish()
    tab.drain()
    tab.run("end()")
    site.publish()
    assert names(tab.drain()) == ["subscribed"]


def test_a_throwing_handler_stops_nobody_and_is_reported_to_the_window(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        BX.addCustomEvent("onPullEvent-test", function () { throw new Error("bad handler"); });
        BX.addCustomEvent("onPullEvent-test", hear("good"));
        BX.PULL.subscribe({moduleId: "test", callback: hear("subscribed")});
        """
    )
    tab.expect("bad handler", "handler of onPullEvent-test")
    site.publish()
    assert names(tab.drain()) == ["good", "subscribed"]
    [uncaught] = tab.run("window.uncaught")
    assert "bad handler" in uncaught
    assert any("onPullEvent-test" in line for line in tab.lines("error"))


def test_each_handler_has_its_own_copy(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        BX.addCustomEvent("onPullEvent-test", (command, params) => { params.list.push("changed"); });
        BX.addCustomEvent("onPullEvent-test", hear("second"));
        """
    )
    site.publish(list=[])
    assert without_extra(tab.drain()) == [["second", "check", {"list": []}]]
