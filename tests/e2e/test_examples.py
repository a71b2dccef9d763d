"""Every JavaScript example of the public documentation, as it is printed there, in a page of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.support import HERE, START, inline, portal_page, without_extra

if TYPE_CHECKING:
    from tests.e2e.support import NewTab, OpenTab, Site, Tab
    from tests.e2e.wire import Wire

pytestmark = pytest.mark.every_wire


def example(name: str, module: str = "moduleName") -> str:
    """An example, with the name of the module put in where the documentation says to."""
    return (HERE / "examples" / f"{name}.js").read_text("utf-8").replace("moduleName", module)


def logged(tab: Tab) -> list[list[object]]:
    """The arguments of every console.log() so far, all that was sent having arrived."""
    tab.drain()
    return [args for method, *args in tab.run("window.printed") if method == "log"]


# Each trap must hear its events and only them.
def publish_some_events(site: Site) -> None:
    for module, command in (("forum", "added"), ("other", "changed"), ("online", "user_online")):
        site.server.add_by_user(1, module_id=module, command=command, params={"id": 7})


@pytest.mark.parametrize("name", ["trap_desktop_module", "trap_mobile_module"])
def test_a_trap_for_one_module_gets_its_commands(open_tab: OpenTab, site: Site, name: str) -> None:
    tab = open_tab(example(name, module="forum"))
    publish_some_events(site)
    assert logged(tab) == [["Events of forum", "added", {"id": 7}]]


@pytest.mark.parametrize("name", ["trap_desktop_module", "trap_mobile_module"])
def test_a_trap_whose_module_name_has_capitals_works_too(open_tab: OpenTab, site: Site, name: str) -> None:
    tab = open_tab(example(name))
    site.server.add_by_user(1, module_id="moduleName", command="added", params={"id": 7})
    assert logged(tab) == [["Events of moduleName", "added", {"id": 7}]]


@pytest.mark.parametrize("name", ["trap_desktop_all", "trap_mobile_all"])
def test_a_trap_for_all_modules_gets_all_but_online_events(open_tab: OpenTab, site: Site, name: str) -> None:
    tab = open_tab(example(name))
    publish_some_events(site)
    events = [args for args in logged(tab) if args[0] != "drain"]
    assert events == [["forum", "added", {"id": 7}], ["other", "changed", {"id": 7}]]


def test_the_check_command_of_module_test_works(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(example("check_of_module_test"))
    site.server.add_by_user(1, module_id="test", command="uncheck")
    site.server.add_by_user(1, module_id="main", command="check")
    site.server.add_by_user(1, module_id="test", command="check")
    assert logged(tab) == [["Work!"]]


def test_online_events_reach_their_handlers_and_no_others(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        """
        for (const name of ["onPullOnlineEvent", "onPullOnline", "onPullEvent-online", "onPull-online"])
          BX.addCustomEvent(name, hear(name));
        """
    )
    site.server.add_by_user(1, module_id="online", command="user_online", params={"user_id": 5})
    [desktop, mobile] = tab.drain()
    assert desktop[:3] == ["onPullOnlineEvent", "user_online", {"user_id": 5}]
    assert (mobile[0], mobile[1]["command"], mobile[1]["params"]) == (
        "onPullOnline",
        "user_online",
        {"user_id": 5},
    )


def test_a_guest_receives_test_check_like_a_signed_in_user(new_tab: NewTab, site: Site) -> None:
    guest = portal_page(pull_guest_mode="Y", pull_guest_user_id="-1")
    code = example("check_of_module_test") + "BX.addCustomEvent('onPullEvent-test', hear('test'))"
    tab = new_tab(user=-1).open(site.page(guest, site.bundle(), inline(code), START)).connected()
    site.server.add_by_user(-1, module_id="test", command="check", params=[])
    assert logged(tab) == [["Work!"]]
    assert without_extra(tab.heard()) == [["test", "check", []]]
    assert tab.run("BX.PULL.getDebugInfo().UserId") == "-1(guest)"


def test_get_debug_info_tells_the_state_of_the_connection_and_no_secret(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    tab = open_tab()
    site.publish()
    tab.drain()
    info = tab.run(example("console_debug_info"))
    socket = ("Y", wire.format) if wire.is_socket else ("N", "-")
    assert (info["Connect"], info["WebSocket connected"], info["WebSocket mode"]) == ("Y", *socket)
    assert info["Session history"] == {"test": {"check": 1}, "drain": {"drain": 1}}
    secrets = re.findall(r"\b[0-9a-f]{32,}\b|\beyJ[\w.-]+", tab.run("JSON.stringify(BX.PULL.getConfig())"))
    assert len(secrets) >= 4
    assert not [secret for secret in secrets if secret in str(info)]


def test_capture_pull_event_logs_every_command_of_this_user(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab()
    site.publish(id=1)
    tab.drain()
    tab.run(example("console_capture"))
    site.publish(id=2)
    tab.drain()
    [line, *_] = [args for method, *args in tab.run("window.printed") if method == "info"]
    assert line[:-1] == ["onPullEvent", "test", "check", {"id": 2}]


CONTRADICTION = "gives (command, params, extra)"


def test_the_contradicting_example_is_called_as_every_client_does(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        example("contradicting_module_handler") + "BX.addCustomEvent('onPullEvent-main', hear('main'));"
    )
    site.server.add_by_user(1, module_id="main", command="check", params={"id": 1})
    assert logged(tab) == []
    assert without_extra(tab.heard()) == [["main", "check", {"id": 1}]]
    assert tab.lines() == []


@pytest.mark.parametrize("console_command", ["BX.PULL.capturePullEvent()", "BX.PULL.enableLogging()"])
def test_the_contradicting_example_is_pointed_out_once_when_somebody_looks(
    open_tab: OpenTab, site: Site, console_command: str
) -> None:
    tab = open_tab(example("contradicting_module_handler"))
    tab.expect(CONTRADICTION)
    tab.run(console_command)
    for _ in range(2):
        site.server.add_by_user(1, module_id="main", command="check")
    tab.drain()
    [warning] = tab.lines("warning")
    assert "onPullEvent-main" in warning
    assert "(command, params, extra)" in warning
