"""One server that is several versions at once, cloud mode, tokens, applications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.journal import SocketOpened
from tests.e2e.support import START, inline
from tests.e2e.wire import LONG_POLLING, WEBSOCKET, Wire

if TYPE_CHECKING:
    from tests.e2e.support import NewTab, OpenTab, Site

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
MODE = "BX.PULL.getDebugInfo()['WebSocket mode']"
LOST = ("WebSocket", "connection to the server at", "Failed to load resource", "[bxpull]")


def test_users_of_different_versions_hear_the_same_event(open_tab: OpenTab, site: Site) -> None:
    versions = {1: 2, 2: 4, 3: 5}
    for user, version in versions.items():
        site.server.set_user(user, server_version=version)
    tabs = [open_tab(HEAR, user=user) for user in versions]
    site.server.add_shared(module_id="test", command="check", params={"id": 7})
    assert [tab.drain() for tab in tabs] == [[["test", 7]]] * 3
    assert [tab.run(MODE) for tab in tabs] == ["text", "protobuf", "json-rpc"]


def test_a_server_that_is_upgraded_under_the_page_goes_on_in_the_new_format(
    open_tab: OpenTab, site: Site
) -> None:
    site.server.set_user(1, server_version=3)
    tab = open_tab(HEAR)
    number = 0
    for version, mode in ((4, "protobuf"), (5, "json-rpc"), (3, "text")):
        site.publish(id=number)
        site.server.set_user(1, server_version=version)
        site.server.expire_config(1)
        site.publish(id=number + 1)
        number += 2
        tab.until(f"{MODE} === '{mode}'")
    assert [id_ for _, id_ in tab.drain()] == list(range(number))


@pytest.mark.parametrize("wire", [Wire(v, t) for v in (4, 5) for t in (WEBSOCKET, LONG_POLLING)], ids=str)
def test_a_cloud_server_is_told_the_client_id(open_tab: OpenTab, site: Site) -> None:
    site.server.set_user(1, mode="shared")
    tab = open_tab(HEAR)
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert tab.run("[BX.PULL.isSharedMode(), BX.PULL.getDebugInfo()['Server type']]") == [True, "cloud"]


@pytest.mark.server_options(token_lifetime_s=1)
@pytest.mark.parametrize("wire", [Wire(5, WEBSOCKET), Wire(5, LONG_POLLING)], ids=str)
def test_a_token_that_has_expired_is_replaced_before_the_next_connection(
    open_tab: OpenTab, site: Site
) -> None:
    tab = open_tab(HEAR)
    tab.expect(*LOST)
    site.publish(id=1)
    tab.drain()
    token = tab.run("BX.PULL.getConfig().jwt")
    tab.until("BX.PULL.getConfig().exp * 1000 < Date.now()")
    site.server.wait_connected(1)
    site.server.disconnect(1)
    site.publish(id=2)
    assert [id_ for _, id_ in tab.drain()] == [1, 2]
    assert tab.run("BX.PULL.getConfig().jwt") != token


def test_an_application_hears_its_own_events(new_tab: NewTab, site: Site) -> None:
    site.server.add_application("app.1", "TOKEN", user=1)
    code = """
        const restClient = {
          async callMethod(method, params) {
            const body = new URLSearchParams({ auth: "TOKEN", ...params });
            const answer = await (await fetch(`/rest/${method}.json`, { method: "POST", body })).json();
            const { result, error, error_description } = answer;
            return { status: 200, data: () => result, error: () => error && { error, error_description } };
          },
        };
        window.add = (fields) => restClient.callMethod("pull.application.event.add", fields)
          .then((reply) => reply.error() || reply.data());
        BX.PULL = new BX.PullClient({ restApplication: "app.1", restClient, userId: 1 });
        BX.addCustomEvent("onPullEvent-application", (command, params) => hear(command)(params));
        """
    tab = new_tab().open(site.page(site.bundle(), inline(code), START)).connected()
    tab.expect("403")
    assert tab.run("add({COMMAND: 'mine', USER_ID: 1, MODULE_ID: 'application'})") is True
    assert tab.run("add({COMMAND: 'all', MODULE_ID: 'application'})") is True
    assert [command for command, _ in tab.heard(2)] == ["mine", "all"]
    assert tab.run("add({COMMAND: 'not mine', USER_ID: 2, MODULE_ID: 'application'})")["error"]


@pytest.mark.parametrize("wire", [Wire(5, WEBSOCKET)], ids=str)
def test_a_token_stands_in_for_the_channels(open_tab: OpenTab, site: Site) -> None:
    open_tab()
    [opened] = [entry for entry in site.server.requests if isinstance(entry, SocketOpened)]
    assert "token=" in opened.query
    assert "CHANNEL_ID" not in opened.query
