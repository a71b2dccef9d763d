"""Pages that publish to each other, and what they are told when it fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.journal import SocketText
from tests.e2e.support import names, without_extra
from tests.e2e.wire import LONG_POLLING, WEBSOCKET, Wire

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site, Tab

PUBLISHING = pytest.mark.parametrize(
    "wire", [Wire(4, WEBSOCKET), Wire(5, WEBSOCKET), Wire(4, LONG_POLLING)], ids=str
)
NEWEST = pytest.mark.parametrize("wire", [Wire(5, WEBSOCKET)], ids=str)
EVERYTHING = """
    for (const name of ["onPullClientEvent-test", "onPullClientEvent", "onPullClient-test", "onPullClient",
      "onPullEvent-test", "onPullEvent", "onPull-test", "onPull"]) BX.addCustomEvent(name, hear(name));
    for (const type of ["client", "server"])
      BX.PULL.subscribe({ type, moduleId: "test", callback: hear(`subscribe ${type}`) });
    """
STOLEN = "{action: 'reconnect', channel: {type: 'private'}, new_channel: {id: '" + "d" * 32 + "'}}"
POLLUTING = json.dumps(
    {key: {"prototype": {"polluted": 1}, "polluted": 1} for key in ("__proto__", "constructor")}
)
HEAR = (
    "BX.PULL.subscribe({ type: 'client', moduleId: 'test', callback: ({ params }) => hear('test')(params) });"
)


def outcome(tab: Tab, call: str) -> Any:
    """What the promise of a call comes to: ``resolved``, or the error's code and message."""
    return tab.run(f"{call}.then(() => 'resolved', (error) => [error.code, error.message])")


@PUBLISHING
def test_a_message_reaches_the_client_handlers_of_its_user_and_no_others(
    open_tab: OpenTab, site: Site
) -> None:
    sender, receiver, other = open_tab(EVERYTHING), open_tab(EVERYTHING, user=2), open_tab(EVERYTHING, user=3)
    assert outcome(sender, "BX.PULL.sendMessage([2], 'test', 'hello', {a: 1})") == "resolved"
    assert names(receiver.drain())[:5] == [
        "onPullClientEvent-test",
        "onPullClientEvent",
        "onPullClient-test",
        "onPullClient",
        "subscribe client",
    ]
    assert without_extra(receiver.heard())[0] == ["onPullClientEvent-test", "hello", {"a": 1}]
    assert receiver.heard()[0][-1]["sender"]["type"] == 1
    for tab in (sender, other):
        assert [name for name in names(tab.drain()) if "Client" in name or "client" in name] == []
    assert site.server.connections()


@PUBLISHING
def test_a_message_to_several_users_reaches_each_once(open_tab: OpenTab) -> None:
    tabs = [open_tab(HEAR), open_tab(HEAR, user=2)]
    assert outcome(tabs[0], "BX.PULL.sendMessage([1, 2], 'test', 'hello', {a: 1})") == "resolved"
    assert [tab.drain() for tab in tabs] == [[["test", {"a": 1}]], [["test", {"a": 1}]]]


@PUBLISHING
def test_a_message_to_a_signed_public_id_reaches_its_user(open_tab: OpenTab, site: Site) -> None:
    sender, receiver = open_tab(HEAR), open_tab(HEAR, user=2)
    entry = site.server.public_channel(2)
    channel = f"{entry['public_id']}.{entry['signature']}"
    assert (
        outcome(sender, f"BX.PULL.sendMessageToChannels(['{channel}'], 'test', 'x', {{a: 1}})") == "resolved"
    )
    assert receiver.drain() == [["test", {"a": 1}]]


@PUBLISHING
def test_a_batch_arrives_message_by_message_in_order(open_tab: OpenTab) -> None:
    sender, receiver = open_tab(HEAR), open_tab(HEAR, user=2)
    batch = (
        "BX.PULL.sendMessageBatch([1, 2, 3].map((n) =>"
        " ({userList: [2], body: {module_id: 'test', command: 'c', params: {n}}})))"
    )
    assert outcome(sender, batch) == "resolved"
    assert receiver.drain() == [["test", {"n": n}] for n in (1, 2, 3)]


@PUBLISHING
def test_a_forged_signature_is_refused_and_the_promise_says_so(open_tab: OpenTab, site: Site) -> None:
    sender, receiver = open_tab(HEAR), open_tab(HEAR, user=2)
    sender.expect("WebSocket", "Failed to load resource", "[bxpull]")
    channel = f"{site.server.public_channel(2)['public_id']}.{'0' * 40}"
    answer = outcome(sender, f"BX.PULL.sendMessageToChannels(['{channel}'], 'test', 'x', {{}})")
    assert answer != "resolved"
    assert "signature" in answer[1]
    assert channel[:32] not in answer[1]
    assert receiver.drain() == []
    sender.connected().drain()


@PUBLISHING
def test_a_private_id_is_refused_and_the_promise_says_so(open_tab: OpenTab) -> None:
    sender = open_tab(HEAR)
    call = "BX.PULL.sendMessageToChannels([BX.PULL.getConfig().channels.private.id], 'test', 'x', {})"
    answer = outcome(sender, call)
    assert answer != "resolved"
    assert sender.run("BX.PULL.getConfig().channels.private.id")[:32] not in answer[1]
    assert sender.drain() == []


@pytest.mark.parametrize("wire", [Wire(3, WEBSOCKET), Wire(3, LONG_POLLING)], ids=str)
def test_an_old_server_takes_no_messages_and_the_promise_says_so(open_tab: OpenTab) -> None:
    code, message = outcome(open_tab(), "BX.PULL.sendMessage([2], 'test', 'hello', {})")
    assert code == "VERSION_NEEDED"
    assert "4" in message


@PUBLISHING
def test_a_stopped_client_publishes_nothing_and_the_promise_says_so(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.run("BX.PULL.stop()")
    assert outcome(tab, "BX.PULL.sendMessage([2], 'test', 'hello', {})") != "resolved"


@PUBLISHING
def test_another_page_cannot_give_system_commands(open_tab: OpenTab) -> None:
    sender, receiver = open_tab(), open_tab("BX.addCustomEvent('onPullStatus', hear('status'))", user=2)
    receiver.expect("ignored a foreign command")
    before = receiver.run("BX.PULL.getConfig()")
    for command in ("config_expire", "channel_expire", "server_restart"):
        outcome(sender, f"BX.PULL.sendMessage([2], 'PULL', '{command}', {STOLEN})")
    # Nor say that the server has a revision for which the other one has to stop.
    body = "{module_id: 'test', command: 'hello', params: {}, extra: {revision_web: 99}}"
    outcome(sender, f"BX.PULL.sendMessageBatch([{{userList: [2], body: {body}}}])")
    assert receiver.drain() == [["status", "connect"], ["status", "online"]]
    assert receiver.run("BX.PULL.getConfig()") == before
    assert [text for text in receiver.lines("warning") if "ignored" in text] == [
        "[bxpull] ignored a foreign command"
    ] * 3


@PUBLISHING
def test_what_is_published_changes_no_prototype(open_tab: OpenTab) -> None:
    sender, receiver = open_tab(), open_tab(EVERYTHING + "BX.PULL.capturePullEvent();", user=2)
    for module, command in (("test", "__proto__"), ("__proto__", "constructor"), ("constructor", "polluted")):
        outcome(sender, f"BX.PULL.sendMessage([2], '{module}', '{command}', JSON.parse('{POLLUTING}'))")
    assert "__proto__" in [entry[1] for entry in receiver.drain() if entry[0] == "onPullClientEvent"]
    assert receiver.run("[{}.polluted, [].polluted, (() => {}).polluted, BX.polluted, BX.PULL.polluted]") == (
        [None] * 5
    )
    assert receiver.run("Object.keys(BX.PULL.getDebugInfo()['Session history'])")


@NEWEST
def test_presence_is_told_as_it_changes(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab("BX.PULL.start().then(() => BX.PULL.subscribeUserStatusChange(2, hear('change')))")
    site.server.wait_connected(1)
    other = open_tab(user=2)
    tab.heard(1)
    assert tab.run("BX.PULL.getUsersLastSeen([1, 2, 3])") == {"1": 0, "2": 0}
    other.run("BX.PULL.stop()")
    assert [change for _, change in tab.heard(2)] == [
        {"userId": 2, "isOnline": True},
        {"userId": 2, "isOnline": False},
    ]
    assert tab.run("BX.PULL.getUsersLastSeen([2])")["2"] >= 0


@NEWEST
def test_a_presence_subscription_survives_a_lost_connection(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab()
    tab.expect("WebSocket", "connection to the server at", "[bxpull]")
    assert outcome(tab, "BX.PULL.subscribeUserStatusChange(2, hear('change'))") == "resolved"
    site.server.disconnect(1)
    site.server.wait_request(
        lambda entry: (
            isinstance(entry, SocketText) and entry.connection > 1 and "subscribeStatusChange" in entry.text
        )
    )
    open_tab(user=2)
    assert tab.heard(1) == [["change", {"userId": 2, "isOnline": True}]]


@NEWEST
def test_ping_and_channels_are_answered(open_tab: OpenTab) -> None:
    tab = open_tab()
    assert outcome(tab, "BX.PULL.ping(5)") == "resolved"
    assert tab.run("BX.PULL.listChannels()")


@NEWEST
def test_every_event_is_acknowledged(open_tab: OpenTab, site: Site) -> None:
    open_tab()
    mid = site.server.add_by_user(1, module_id="test", command="check")
    site.server.wait_request(lambda entry: isinstance(entry, SocketText) and entry.text == f"mack:{mid}")
