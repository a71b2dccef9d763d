"""bxpull_server.web.control, over HTTP."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock

EVENT = {"module": "main", "command": "check", "params": {"a": 1}}


async def post(client: Any, action: str, **fields: Any) -> Any:
    answer = await client.http.post(f"/control/{action}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_sends_by_user_users_channel_tag_and_to_all(client: Any) -> None:
    page = await client.subscribe(1)
    channel = (await client.config())["channels"]["private"]["id"]
    await post(client, "watch", user=1, tag="TAG")
    for target in (
        {"user": 1},
        {"users": [1, 2]},
        {"channel": channel},
        {"shared": True},
        {"tag": "TAG"},
    ):
        done = await post(client, "send", **target, **EVENT)
        record = await page.record()
        assert done == {"mid": record["mid"], "delivered": 1}
        assert record["text"]["module_id"] == "main"
        assert record["text"]["params"] == {"a": 1}


async def test_extra_and_expiry_are_passed_on(client: Any) -> None:
    page = await client.subscribe(1)
    await post(client, "send", user=1, module="m", command="c", extra={"revision_web": 20}, expiry=5)
    event = await page.event()
    assert (event["params"], event["extra"]["revision_web"]) == ([], 20)


@pytest.mark.parametrize(
    ("action", "fields", "problem"),
    [
        ("send", {**EVENT}, "user: give exactly one of user, users, channel, shared, tag; got none"),
        ("send", {**EVENT, "user": 1, "shared": True}, "user: give exactly one of .*; got user, shared"),
        ("send", {**EVENT, "user": "1"}, "user: must be a user id"),
        ("send", {**EVENT, "users": 1}, "users: must be a list"),
        ("send", {**EVENT, "users": [0]}, "users: must be a user id"),
        ("send", {**EVENT, "users": []}, "users: must name at least one"),
        ("send", {**EVENT, "shared": 1}, "shared: must be true"),
        ("send", {**EVENT, "channel": "x"}, "segment 1 of CHANNEL_ID is not a channel id"),
        ("send", {**EVENT, "tag": ""}, "tag: must be a text that is not empty"),
        ("send", {"user": 1, "command": "c"}, "module_id: must be a string"),
        ("send", {"user": 1, "module": "m"}, "command: must be a string"),
        ("send", {**EVENT, "user": 1, "params": [1]}, "params: must be a mapping"),
        ("send", {**EVENT, "user": 1, "extra": 1}, "extra: must be a mapping"),
        ("send", {**EVENT, "user": 1, "expiry": "1"}, "expiry: must be whole seconds"),
        ("send", {**EVENT, "user": 1, "usr": 1}, "usr: there is no such field; known are user, users"),
        ("disconnect", {}, "user: must be a user id"),
        (
            "disconnect",
            {"user": 1, "code": 1005},
            "code: must be 1000, 1001, .* or from 3000 to 4999, not 1005",
        ),
        ("disconnect", {"user": 1, "code": 1001.0}, r"code: must be .*, not 1001\.0"),
        ("disconnect", {"user": 1, "code": "x"}, "code: must be .*, not 'x'"),
        ("disconnect", {"user": 1, "reason": 5}, "reason: must be a text"),
        ("expire-config", {"user": 0}, "user: must be a user id"),
        ("expire-channel", {"user": 1, "new_channel": 1}, "new_channel: must be true or false"),
        ("expire-channel", {"application": 5}, "application: must be a text"),
        ("expire-channel", {"user": 1, "application": "app.1"}, "application: there is no 'app.1'; known"),
        ("expire-channel", {"application": "private"}, "application: there is no 'private'; known are none"),
        ("watch", {"user": 1}, "tag: must be a text"),
        ("send", {**EVENT, "user": 1, "dictionary": {}}, "dictionary: goes with users only"),
        ("send", {**EVENT, "users": [1], "user_params": {"x": {}}}, "user_params: must map a user id"),
        ("send", {**EVENT, "users": [1], "user_params": {"1_0": {}}}, "user_params: must map a user id"),
        ("send", {**EVENT, "users": [1], "user_params": 5}, "user_params: must map a user id"),
        ("send", {**EVENT, "users": [1], "user_params": {"2": {}}}, "user_params: 2 is none of the users"),
        ("send-raw", {"user": 1}, "text: give either text or base64"),
        ("send-raw", {"user": 1, "text": "x", "base64": "eA=="}, "text: give either text or base64"),
        ("send-raw", {"user": 1, "base64": "?"}, "base64: must be base64"),
        ("send-raw", {"text": "x"}, "user: must be a user id"),
        ("send-raw", {"user": 1, "text": 5}, "text: must be a text"),
        ("server-restart", {"user": 1}, "user: there is no such field; known are none"),
        ("user", {"server_version": 4}, "user: must be a user id"),
        ("user", {"user": 1, "server_version": 6}, "server_version: 6 is none: choose 1, 2, 3, 4 or 5"),
        ("user", {"user": 1, "mode": "cloud"}, "mode: must be personal or shared, not 'cloud'"),
        ("application", {"token": "t", "user": 1}, "client_id: must be"),
        ("application", {"client_id": "a", "user": 1}, "token: must be"),
        ("application", {"client_id": "a", "token": "t"}, "user: must be a user id, not None"),
        ("application", {"client_id": "a", "token": "t", "user": 1, "admin": 1}, "admin: must be true"),
        ("last-seen", {"user": 1}, "at: must be unix time in seconds, not None"),
        ("last-seen", {"at": 1}, "user: must be a user id"),
    ],
)
async def test_bad_fields_are_named(client: Any, action: str, fields: dict[str, Any], problem: str) -> None:
    answer = await client.http.post(f"/control/{action}", json=fields)
    assert answer.status_code == 400
    assert re.match(problem, answer.json()["error_description"]), answer.text


@pytest.mark.parametrize("body", [b"", b"{oops", b"[]"])
async def test_a_body_that_is_no_object_is_refused(client: Any, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.http.post("/control/send", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_query")


async def test_disconnects_a_user(client: Any) -> None:
    page = await client.subscribe(1)
    assert await post(client, "disconnect", user=1, code=3002, reason="restart") == {"disconnected": 1}
    assert await page.closed() == (3002, "restart")
    assert await post(client, "disconnect", user=1) == {"disconnected": 0}


async def test_expires_configs_and_channels(client: Any) -> None:
    page = await client.subscribe(1)
    await post(client, "expire-config", user=1)
    await post(client, "expire-config")
    await post(client, "expire-channel", user=1, new_channel=True)
    events = [await page.event() for _ in range(3)]
    assert [event["command"] for event in events] == ["config_expire", "config_expire", "channel_expire"]
    assert events[2]["params"]["new_channel"]["type"] == "private"


async def test_expires_the_shared_channel_and_those_of_applications(client: Any, make_query: Any) -> None:
    page = await client.subscribe(1)
    await post(client, "application", client_id="app.1", token="t0ken", user=1)
    application_page = await client.open(make_query(await client.server.config(1, "app.1")))
    await client.server.wait_connected(1, tabs=2)
    await post(client, "expire-channel")
    await post(client, "expire-channel", user=1, application="app.1")
    assert (await page.event())["params"]["channel"]["type"] == "shared"
    assert (await application_page.event())["params"]["channel"]["type"] == "app.1"


async def test_announces_a_restart(client: Any) -> None:
    page = await client.subscribe(1)
    assert (await post(client, "server-restart"))["delivered"] == 1
    assert (await page.event())["command"] == "server_restart"


async def test_single_users_get_params_of_their_own(client: Any) -> None:
    pages = [await client.subscribe(1), await client.subscribe(2)]
    await post(client, "send", users=[1, 2], **EVENT, user_params={"2": {"b": 2}}, dictionary={"c": 3})
    params = [(await page.event())["params"] for page in pages]
    assert params == [{"a": 1, "c": 3}, {"a": 1, "b": 2, "c": 3}]


async def test_sends_messages_as_they_are(client: Any) -> None:
    page = await client.subscribe(1)
    assert await post(client, "send-raw", user=1, text="text") == {"queued": 1}
    assert await post(client, "send-raw", user=1, base64="AP8=") == {"queued": 1}
    assert [await page.socket.recv(), await page.socket.recv()] == ["text", b"\x00\xff"]


async def test_changes_version_and_mode_of_a_user(client: Any) -> None:
    done = await post(client, "user", user=2, server_version=5)
    assert done == {"user": 2, "server_version": 5, "mode": "personal"}
    assert (await post(client, "user", user=2, mode="shared"))["server_version"] == 5
    server = (await client.config(bxpull_user=2))["server"]
    assert (server["version"], server["mode"]) == (5, "shared")


async def test_registers_applications(client: Any) -> None:
    done = await post(client, "application", client_id="app.1", token="t0ken", user=1, admin=True)
    assert done == {"client_id": "app.1", "user": 1, "admin": True}
    answer = await client.http.post("/rest/pull.application.config.get", data={"auth": "t0ken"})
    assert answer.json()["result"]["channels"]["private"]["type"] == "app.1"


async def test_tells_and_sets_when_users_were_seen(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    await client.subscribe(1)
    now = clock.time_ns() / 1e9
    assert await post(client, "last-seen", user=2, at=now - 60) == {"2": 60}
    assert await post(client, "last-seen", users=[1, 2, 3]) == {"1": 0, "2": 60}


async def test_state_tells_who_is_connected_and_how(start: Callable[..., Any]) -> None:
    client = await start(server_version=3)
    await client.subscribe(1)
    await client.server.set_user(-5, server_version=5, mode="shared")
    await client.config(pull_guest_id=-5)
    await client.server.add_application("app.1", "t0ken", user=1, admin=True)
    state = (await client.http.get("/control/state")).json()
    default = {"server_version": 3, "mode": "personal"}
    assert {key: state[key] for key in default} == default
    assert state["users"] == [
        {"user": -5, "connections": 0, "server_version": 5, "mode": "shared"},
        {"user": 1, "connections": 1, **default},
    ]
    assert state["applications"] == [{"client_id": "app.1", "user": 1, "admin": True}]
    (connection,) = state["connections"]
    assert {key: connection[key] for key in ("user", "format", "transport", *default)} == {
        "user": 1,
        "format": "text",
        "transport": "websocket",
        **default,
    }


async def test_state_tells_no_secret(client: Any) -> None:
    config = await client.config()
    await client.subscribe(1)
    await client.server.add_application("app.1", "t0ken", user=1)
    answer = await client.http.get("/control/state")
    for channel in config["channels"].values():
        assert channel["id"][:32] not in answer.text
    assert "t0ken" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"X-Forwarded-For": "10.0.0.1"}, 403),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer t0ken", "Host": "portal.example"}, 200),
        ({"Authorization": "Bearer t0ken", "X-Forwarded-For": "10.0.0.1"}, 200),
        ({"Authorization": "Bearer t0ken", "Origin": "http://evil.example"}, 403),
        ({}, 200),
    ],
)
async def test_only_loopback_or_the_token_may_control(
    start: Callable[..., Any], headers: dict[str, str], status: int
) -> None:
    client = await start(control_token="t0ken")
    for answer in (
        await client.http.get("/control/state", headers=headers),
        await client.http.post("/control/watch", json={"user": 1, "tag": "T"}, headers=headers),
    ):
        assert answer.status_code == status
        assert (answer.json().get("error") == "forbidden") is (status != 200)
        assert "t0ken" not in answer.text


async def test_a_token_is_wrong_where_none_is_set(client: Any) -> None:
    answer = await client.http.get("/control/state", headers={"Authorization": "Bearer None"})
    assert answer.status_code == 401


async def test_the_servers_own_pages_may_control(client: Any) -> None:
    headers = {"Origin": client.server.url, "Sec-Fetch-Site": "same-origin"}
    answer = await client.http.post("/control/watch", json={"user": 1, "tag": "T"}, headers=headers)
    assert answer.status_code == 200


async def test_a_form_cannot_control(client: Any) -> None:
    answer = await client.http.post("/control/send", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    preflight = await client.http.options("/control/send", headers={"Origin": "http://evil.example"})
    assert preflight.status_code == 405


async def test_a_body_over_the_limit_is_refused(start: Callable[..., Any]) -> None:
    client = await start(body_limit=10)
    assert (await client.http.post("/control/send", json={"a": "x" * 10})).status_code == 413
