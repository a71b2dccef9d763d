"""bxpull_server.web.browser_methods: JSON-RPC calls of pages, over real sockets."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.connection import Connection
from bxpull_server.protocol.channels import Signer
from bxpull_server.web.browser_methods import MAX_WATCHED

JSON_RPC = "jsonRpc=true"
BODY = {"module_id": "test", "command": "hello", "params": {"from": 1}}


@pytest.fixture
async def client(start: Callable[..., Any]) -> Any:
    """A client of a version 5 server whose clock moves only when told to."""
    return await start(server_version=5, clock=ManualClock())


async def test_a_page_publishes_to_users_by_their_ids(client: Any) -> None:
    one, two, guest = [await client.subscribe(user, flags=JSON_RPC) for user in (1, 2, -3)]
    result = await one.call("publish", userList=[1, 2, -3], body=BODY, expiry=60)
    assert result["delivered"] == 3
    for page in (one, two, guest):
        assert await page.incoming() == {"mid": result["mid"], "body": BODY, "sender": {"type": 1}}


async def test_a_page_publishes_to_signed_public_ids(client: Any) -> None:
    one, two = await client.subscribe(1, flags=JSON_RPC), await client.subscribe(2)
    public_id = (await client.config(bxpull_user=2))["channels"]["private"]["public_id"]
    assert (await one.call("publish", channelList=[public_id], body=BODY))["delivered"] == 1
    assert (await two.event()) == BODY


async def test_events_of_pages_are_resumed_by_mid(client: Any) -> None:
    one, two = await client.subscribe(1, flags=JSON_RPC), await client.subscribe(2, flags=JSON_RPC)
    mid = await client.server.add_by_user(2, module_id="m", command="c")
    assert (await two.incoming())["mid"] == mid
    await two.socket.close()
    await client.server.wait_disconnected(2)
    sent = (await one.call("publish", userList=[2], body=BODY))["mid"]
    again = await client.subscribe(2, mid=mid, flags=JSON_RPC)
    assert (await again.incoming())["mid"] == sent


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"userList": [2]}, "must be a JSON object"),
        ({"userList": [], "body": BODY}, "has no receivers"),
        ({"userList": [0], "body": BODY}, "userList must name users"),
        ({"channelList": ["f" * 32], "body": BODY}, "has no signature"),
        ({"channelList": [f"{'f' * 32}.ff"], "body": BODY}, "wrong signature"),
    ],
)
async def test_a_refused_publish_is_an_error_and_the_connection_stays(
    client: Any, params: dict[str, Any], problem: str
) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    error = await page.call("publish", **params)
    assert error["code"] == -32602
    assert problem in error["message"]
    assert await page.call("ping") == "pong"


async def test_private_ids_are_refused(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    config = await client.config(bxpull_user=2)
    for channel in (config["channels"]["private"]["id"], config["channels"]["shared"]["id"]):
        error = await page.call("publish", channelList=[channel], body=BODY)
        assert "is no public id" in error["message"]


async def test_a_subscriber_without_a_public_id_may_not_publish(start: Callable[..., Any]) -> None:
    client = await start(server_version=5, signature_key="k")
    page = await client.open(f"CHANNEL_ID={Signer('k').sign('a' * 32)}&{JSON_RPC}")
    assert "has no public id" in (await page.call("publish", userList=[1], body=BODY))["message"]


async def test_a_batch_is_answered_by_a_batch(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    publish = {"jsonrpc": "2.0", "method": "publish", "params": {"userList": [1], "body": BODY}}
    await page.socket.send(json.dumps([{**publish, "id": 4}, publish, {**publish, "id": 5}, 7]))
    answers = await page.answer()
    assert [(answer["id"], "result" in answer) for answer in answers] == [(4, True), (5, True), (None, False)]
    assert [(await page.incoming())["body"] for _ in range(3)] == [BODY] * 3


async def test_a_batch_over_the_limits_is_refused_whole(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    publish = {"jsonrpc": "2.0", "method": "publish", "params": {"userList": [1], "body": BODY}}
    await page.socket.send(json.dumps([{**publish, "id": number} for number in range(100)] + [publish]))
    answers = await page.answer()
    assert [answer["id"] for answer in answers] == list(range(100))
    assert {answer["error"]["code"] for answer in answers} == {-32600}
    assert "has 101 messages: at most 100" in answers[0]["error"]["message"]
    assert client.server._hub.published == 0


async def test_an_unknown_method_is_an_error_that_names_the_known_ones(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    error = await page.call("updateUsersLastSeen")
    assert error["code"] == -32601
    assert "publish, getUsersLastSeen, ping, listChannels" in error["message"]


async def test_last_seen_is_zero_for_who_is_online_and_missing_for_strangers(client: Any) -> None:
    page, other = await client.subscribe(1, flags=JSON_RPC), await client.subscribe(2)
    await other.socket.close()
    await client.server.wait_disconnected(2)
    client.server._clock.advance(90)
    assert await page.call("getUsersLastSeen", userList=[1, 2, 3]) == {"1": 0, "2": 90}
    assert (await page.call("getUsersLastSeen"))["code"] == -32602


async def test_the_channels_listened_to_are_listed(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    channels = (await client.config())["channels"]
    private, public = channels["private"]["id"].partition(".")[0].split(":")
    assert await page.call("listChannels") == [
        {"id": private, "type": "private"},
        {"id": public, "type": "public"},
        {"id": channels["shared"]["id"].partition(".")[0], "type": "shared"},
    ]


async def test_status_changes_are_told_until_they_are_unwanted(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    assert await page.call("subscribeStatusChange", userId=2) is True
    other = await client.subscribe(2)
    await other.socket.close()
    for online in (True, False):
        incoming = await page.incoming()
        body = incoming["body"]
        assert (body["module_id"], body["command"]) == ("online", "userStatusChange")
        assert body["params"] == {"user_id": 2, "online": online}
        assert body["extra"]["server_time_unix"] > 0
        assert incoming["sender"] == {"type": 2}
    await client.server.wait_disconnected(2)
    assert await page.call("unsubscribeStatusChange", userId=2) is True
    await client.subscribe(2)
    await client.server.add_by_user(1, module_id="m", command="next")
    assert (await page.incoming())["body"]["command"] == "next"


async def test_status_changes_of_others_are_not_told(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    await page.call("subscribeStatusChange", userId=2)
    await client.subscribe(3)
    await client.subscribe(2)
    assert (await page.incoming())["body"]["params"]["user_id"] == 2


@pytest.mark.parametrize("method", ["subscribeStatusChange", "unsubscribeStatusChange"])
async def test_status_changes_of_nobody_are_refused(client: Any, method: str) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    assert "userId must name users" in (await page.call(method))["message"]


async def test_the_number_of_watched_users_is_bounded(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    (connection,) = client.server._hub.connections
    for number in range(MAX_WATCHED):
        client.server._hub.listen(connection, str(number))
    error = await page.call("subscribeStatusChange", userId=2)
    assert "at most 1000 users" in error["message"]


async def test_the_server_pings_every_ten_seconds(client: Any) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    for _ in range(2):
        client.server._clock.advance(10)
        assert await page.socket.recv() == "ping"
    client.server._clock.advance(9)
    assert await page.call("ping") == "pong"


async def test_a_ping_goes_to_an_idle_socket_at_once_and_waits_behind_what_waits(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await client.subscribe(1, flags=JSON_RPC)
    queued: list[str] = []
    push_raw = Connection.push_raw

    def noted(self: Connection, message: str, *, in_order: bool = True) -> bool:
        queued.append(message)
        return push_raw(self, message, in_order=in_order)

    monkeypatch.setattr(Connection, "push_raw", noted)
    client.server._clock.advance(10)
    assert (await page.socket.recv(), queued) == ("ping", [])
    await client.server.faults.add("delay", seconds=15)
    mid = await client.server.add_by_user(1, module_id="m", command="c")
    await client.server.faults.wait_struck(1)
    client.server._clock.advance(10)
    assert queued == ["ping"]
    client.server._clock.advance(5)
    assert (await page.incoming())["mid"] == mid
    assert await page.socket.recv() == "ping"
    (info,) = await client.server.connections()
    assert info.messages == 3


async def test_only_json_rpc_subscribers_are_pinged(client: Any) -> None:
    page = await client.subscribe(1)
    client.server._clock.advance(60)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"
