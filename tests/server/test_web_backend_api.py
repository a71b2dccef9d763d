"""bxpull_server.web.backend_api, over HTTP."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.clock import unix_time
from bxpull_server.journal import ApiRequest
from bxpull_server.protocol.channels import Signer

API = "/bitrix/api/"
BODY = {"module_id": "m", "command": "c", "params": {"a": 1}}


@pytest.fixture
async def client(start: Callable[..., Any]) -> Any:
    """A client of a version 5 server that has the key ``k`` and a clock that moves only when told to."""
    return await start(server_version=5, signature_key="k", clock=ManualClock())


async def post(client: Any, body: bytes | str, key: str = "k", **params: str) -> Any:
    """A signed request."""
    raw = body if isinstance(body, bytes) else body.encode()
    query = {"hostId": "portal", "signature": Signer(key).signature(raw), **params}
    return await client.http.post(API, params=query, content=raw)


def request(method: str, call_id: int | None = 1, **params: Any) -> dict[str, Any]:
    call = {"jsonrpc": "2.0", "method": method, "params": params}
    return call if call_id is None else {**call, "id": call_id}


async def call(client: Any, method: str, **params: Any) -> Any:
    answer = await post(client, json.dumps(request(method, **params)))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    response = answer.json()
    assert response["id"] == 1
    return response["result"] if "result" in response else response["error"]


async def test_an_event_reaches_users_and_channels_with_what_is_added_for_each(client: Any) -> None:
    rpc = [await client.subscribe(user, flags="jsonRpc=true") for user in (1, 2)]
    text, binary = await client.subscribe(1), await client.subscribe(1, flags="binaryMode=true")
    shared = (await client.config())["channels"]["shared"]["id"]
    result = await call(
        client,
        "publish",
        userList=[1, 2],
        channelList=[shared],
        body=BODY,
        dictionary={"d": 1},
        user_params={"1": {"own": 1}},
        expiry=60,
        type="t",
    )
    assert result["delivered"] == 4
    first, second = await rpc[0].incoming(), await rpc[1].incoming()
    assert first == {
        "mid": result["mid"],
        "body": BODY,
        "sender": {"type": 2},
        "user_params": {"own": 1},
        "dictionary": {"d": 1},
    }
    assert second == {"mid": result["mid"], "body": BODY, "sender": {"type": 2}, "dictionary": {"d": 1}}
    assert (await text.event())["params"] == {"a": 1, "d": 1, "own": 1}
    assert json.loads((await binary.message()).body)["params"] == {"a": 1, "d": 1, "own": 1}


async def test_additions_are_kept_for_those_who_resume(client: Any) -> None:
    await call(client, "publish", userList=[1], body=BODY, user_params={"1": {"own": 1}})
    page = await client.subscribe(1, mid="0" * 26, flags="jsonRpc=true")
    assert (await page.incoming())["user_params"] == {"own": 1}
    page = await client.subscribe(1, mid="0" * 26)
    assert (await page.event())["params"] == {"a": 1, "own": 1}


async def test_last_seen_can_be_asked_and_told(client: Any) -> None:
    await client.subscribe(1)
    now = int(unix_time(client.server._clock))
    assert await call(client, "updateUsersLastSeen", **{"1": now - 60, "2": now - 60, "3": now + 60}) is True
    assert await call(client, "getUsersLastSeen", userList=[1, 2, 3, 4]) == {"1": 0, "2": 60, "3": 1}


async def test_a_batch_is_answered_by_a_batch_without_notifications(client: Any) -> None:
    body = [request("publish", 7, userList=[1], body=BODY), request("nothing", 8)]
    body.append(request("publish", None, userList=[1], body=BODY))
    answer = await post(client, json.dumps(body))
    assert [(part["id"], part.get("error", {}).get("code")) for part in answer.json()] == [
        (7, None),
        (8, -32601),
    ]
    assert client.server._hub.published == 2


async def test_notifications_alone_are_answered_by_nothing(client: Any) -> None:
    answer = await post(client, json.dumps(request("publish", None, userList=[1], body=BODY)))
    assert (answer.status_code, answer.content) == (204, b"")


async def test_notifications_that_are_too_many_are_refused(client: Any) -> None:
    answer = await post(client, json.dumps([request("publish", None, userList=[1], body=BODY)] * 101))
    assert (answer.status_code, answer.json()[0]["error"]["code"]) == (400, -32600)
    assert client.server._hub.published == 0


@pytest.mark.parametrize(
    ("params", "status", "problem"),
    [
        ({"signature": ""}, 403, "the signature is missing"),
        ({"signature": "ff"}, 403, "the signature is wrong: send the sha1 HMAC of the body"),
        ({"signature": Signer("other").signature(b"{}")}, 403, "the signature is wrong"),
        ({"signature": Signer("k", "sha256").signature(b"{}")}, 403, "the signature is wrong"),
        ({"hostId": ""}, 400, "hostId is missing"),
    ],
)
async def test_requests_that_are_not_signed_rightly_are_refused(
    client: Any, params: dict[str, str], status: int, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await post(client, b"{}", **params)
    assert answer.status_code == status
    assert answer.text.startswith(problem)
    assert "API request refused" in caplog.text
    assert Signer("k").signature(b"{}") not in answer.text + caplog.text
    entry = client.server.requests[-1]
    assert isinstance(entry, ApiRequest)
    assert (entry.body, entry.status) == (b"{}", status)


async def test_without_a_key_nothing_is_signed(start: Callable[..., Any]) -> None:
    client = await start(server_version=5, signature_key="")
    body = json.dumps(request("getUsersLastSeen", userList=[1]))
    assert (await client.http.post(API, params={"hostId": "portal"}, content=body)).status_code == 200
    answer = await post(client, body)
    assert (answer.status_code, "has no signature key" in answer.text) == (403, True)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, -32700),
        (b"{", 400, -32700),
        (b"\xff", 400, -32700),
        (b"[]", 400, -32600),
        (b"5", 200, -32600),
        (json.dumps(request("nothing")).encode(), 200, -32601),
        (json.dumps(request("publish")).encode(), 200, -32602),
        (json.dumps(request("updateUsersLastSeen", x=1)).encode(), 200, -32602),
        (json.dumps(request("publish", userList=list(range(1, 102)), body=BODY)).encode(), 400, -32600),
    ],
)
async def test_errors_have_the_standards_codes(client: Any, body: bytes, status: int, code: int) -> None:
    answer = await post(client, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_a_batch_over_the_limits_is_refused_whole(client: Any) -> None:
    publishes = [request("publish", number, userList=[1], body=BODY) for number in range(101)]
    answer = await post(client, json.dumps(publishes))
    assert answer.status_code == 400
    assert {part["error"]["message"] for part in answer.json()} == {
        "the request has 101 messages: at most 100 are allowed (messages_per_request), send several requests"
    }
    assert client.server._hub.published == 0


async def test_a_body_over_the_limit_is_refused(client: Any) -> None:
    assert (await post(client, b"x" * (1024 * 1024 + 1))).status_code == 413


async def test_additions_nested_too_deeply_are_invalid_params(client: Any) -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"deep": deep}
    error = await call(client, "publish", userList=[1], body=BODY, dictionary=deep)
    assert error["code"] == -32602
    assert "dictionary: is nested deeper than 100 levels" in error["message"]


async def test_pages_of_foreign_origins_may_not_call(client: Any) -> None:
    answer = await client.http.post(API, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "option cors_origins" in answer.text
