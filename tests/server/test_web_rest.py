"""bxpull_server.web.rest and bxpull_server.web.identity, over HTTP."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server.journal import RestRequest
from bxpull_server.protocol.channels import parse_channel_list

CONFIG = "/rest/pull.config.get.json"
PULL_METHODS = (
    "pull.config.get",
    "pull.application.config.get",
    "pull.application.event.add",
    "pull.channel.public.list",
    "pull.channel.public.get",
    "pull.watch.extend",
    "pull.api.user.getLastSeen",
)


async def owner(client: Any, **request: Any) -> int:
    """For whom the server took this config request."""
    answer = await client.http.post(CONFIG, **request)
    assert answer.status_code == 200, answer.text
    entry = client.server.requests[-1]
    assert isinstance(entry, RestRequest)
    return entry.user


async def test_config_comes_with_a_result_and_times(client: Any) -> None:
    answer = await client.http.post(
        CONFIG, params={"logTag": "client_start"}, data={"sessid": "S", "CACHE": "N"}
    )
    body = answer.json()
    assert body["result"]["server"]["websocket"] == f"ws://127.0.0.1:{client.server.port}/bitrix/subws/"
    assert set(body["time"]) == {
        "start",
        "finish",
        "duration",
        "processing",
        "date_start",
        "date_finish",
        "operating_reset_at",
        "operating",
    }
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    entry = client.server.requests[-1]
    assert (entry.http_method, entry.path, entry.query) == ("POST", CONFIG, "logTag=client_start")
    assert (entry.body, entry.csrf, entry.user, entry.status) == ("sessid=S&CACHE=N", None, 1, 200)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("portal.example:81", "portal.example:81"),
        ("[::1]:81", "[::1]:81"),
        ("", None),
    ],
)
async def test_urls_follow_the_name_the_page_used(
    start: Callable[..., Any], host: str, expected: str | None
) -> None:
    client = await start(allowed_hosts=("portal.example",))
    answer = await client.http.post(CONFIG, headers={"Host": host})
    authority = expected or f"127.0.0.1:{client.server.port}"
    assert answer.json()["result"]["server"]["long_polling"] == f"http://{authority}/bitrix/sub/"


@pytest.mark.parametrize(
    "path", [CONFIG, "/rest/pull.config.get", "/rest/PULL.Config.Get.json", "/rest/pull.config.get.JSON"]
)
async def test_get_and_other_spellings_are_taken(client: Any, path: str) -> None:
    assert (await client.http.get(path)).json()["result"]["api"]["revision_web"] == 19


async def test_the_page_user_is_named_in_four_ways_in_this_order(client: Any) -> None:
    page = {"Referer": f"{client.server.url}/page.html?bxpull_user=3&x=1"}
    cookie = {"Cookie": "bxpull_user=4"}
    assert await owner(client) == 1
    assert await owner(client, headers=cookie) == 4
    assert await owner(client, headers={**cookie, **page}) == 3
    assert await owner(client, headers={**cookie, **page}, params={"bxpull_user": 2}) == 2
    assert (
        await owner(
            client,
            headers={**cookie, **page},
            params={"bxpull_user": 2},
            data={"pull_guest_id": -1, "CACHE": "N"},
        )
        == -1
    )


@pytest.mark.parametrize("referer", ["http://other.example/?bxpull_user=3", "http://[broken/?bxpull_user=3"])
async def test_a_page_of_another_origin_does_not_name_the_user(client: Any, referer: str) -> None:
    assert await owner(client, headers={"Referer": referer}) == 1


async def test_a_guest_may_be_named_in_the_query(client: Any) -> None:
    assert await owner(client, params={"pull_guest_id": -7}) == -7


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"pull_guest_id": "5"}, "pull_guest_id must be negative: -5 for example"),
        ({"pull_guest_id": "0"}, "pull_guest_id must be negative: -1 for example"),
        ({"pull_guest_id": "x"}, "pull_guest_id must be a whole number"),
        ({"bxpull_user": "-1"}, "bxpull_user must not be negative"),
        ({"bxpull_user": "²"}, "bxpull_user must be a whole number"),
        ({"bxpull_user": "9" * 17}, "bxpull_user must be a whole number"),
    ],
)
async def test_a_bad_identity_is_refused(client: Any, fields: dict[str, str], problem: str) -> None:
    answer = await client.http.post(CONFIG, params=fields)
    assert answer.status_code == 400
    assert answer.json()["error"] == "INVALID_REQUEST"
    assert problem in answer.json()["error_description"]


async def test_nobody_signed_in_is_refused_but_guests_are_not(start: Callable[..., Any]) -> None:
    client = await start(user=0)
    answer = await client.http.post(CONFIG)
    assert (answer.status_code, answer.json()["error"]) == (403, "AUTHORIZE_ERROR")
    assert await owner(client, data={"pull_guest_id": -1}) == -1
    for method in PULL_METHODS:
        answer = await client.http.post(f"/rest/{method}.json")
        assert (answer.status_code, answer.json()["error"]) == (403, "AUTHORIZE_ERROR")
    assert (await client.http.post("/rest/server.time.json")).status_code == 200


async def test_with_the_module_switched_off_every_pull_method_is_refused(start: Callable[..., Any]) -> None:
    client = await start(module_configured=False)
    await client.server.add_application("app.1", "t0ken", user=1)
    for method in PULL_METHODS:
        fields = {"auth": "t0ken"} if "application" in method else {}
        answer = await client.http.post(f"/rest/{method}.json", data=fields)
        assert (answer.status_code, answer.json()["error"]) == (500, "SERVER_ERROR"), method
    assert (await client.http.post("/rest/server.time.json")).status_code == 200


async def test_an_unknown_token_is_refused_and_not_repeated(client: Any) -> None:
    for fields in ({"data": {"auth": "t0ken"}}, {"params": {"auth": "t0ken"}}, {"json": {"auth": "t0ken"}}):
        answer = await client.http.post(CONFIG, **fields)
        assert (answer.status_code, answer.json()["error"]) == (401, "NO_AUTH_FOUND")
        assert "t0ken" not in answer.text


async def test_a_token_names_the_user_and_wins(client: Any) -> None:
    await client.server.add_application("app.1", "t0ken", user=7)
    fields = {"auth": "t0ken", "pull_guest_id": -1}
    answer = await client.http.post("/rest/pull.watch.extend", params={"bxpull_user": 2}, data=fields)
    assert answer.status_code == 200
    assert client.server.requests[-1].user == 7


async def test_an_unknown_method_is_refused_as_by_a_portal(client: Any) -> None:
    answer = await client.http.post("/rest/no.such.method.json")
    assert answer.status_code == 404
    assert answer.json() == {"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}


async def test_server_time_is_iso(client: Any) -> None:
    assert (await client.http.post("/rest/server.time")).json()["result"].endswith("+00:00")


@pytest.mark.parametrize("body", [b"{oops", b"[1]"])
async def test_a_bad_json_body_is_refused(client: Any, body: bytes) -> None:
    answer = await client.http.post(CONFIG, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error_description"]


async def test_the_type_of_a_json_body_may_be_written_in_any_case(client: Any) -> None:
    kind = {"Content-Type": "Application/JSON;charset=UTF-8"}
    assert await owner(client, content=b'{"pull_guest_id": -2}', headers=kind) == -2


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "text/plain;charset=UTF-8", "application/xml"]
)
async def test_a_body_that_is_neither_form_nor_json_is_refused_not_ignored(client: Any, kind: str) -> None:
    answer = await client.http.post(CONFIG, content=b"pull_guest_id=-2", headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["error"]) == (415, "INVALID_REQUEST")
    assert "application/x-www-form-urlencoded or application/json" in answer.json()["error_description"]
    assert (await client.http.post(CONFIG, headers={"Content-Type": kind})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        CONFIG,
        "/bitrix/pub/",
        "/bitrix/pub/?binaryMode=true",
        "/bitrix/pubweb/",
        "/bitrix/api/",
        "/control/send",
    ],
)
async def test_a_compressed_body_is_refused_by_name(client: Any, path: str) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = await client.http.post(path, content=gzip.compress(b"{}"), headers=headers)
    assert answer.status_code == 415
    assert "without Content-Encoding" in answer.text


async def test_a_list_where_one_value_is_meant_is_refused_not_ignored(client: Any) -> None:
    for name in ("auth", "pull_guest_id"):
        answer = await client.http.post(CONFIG, data={f"{name}[]": "-2"})
        assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_REQUEST")
        assert answer.json()["error_description"] == f"{name} must be one value, not a list"


async def test_a_body_over_the_limit_is_refused(start: Callable[..., Any]) -> None:
    client = await start(body_limit=100)
    answer = await client.http.post(CONFIG, content=b"a" * 101)
    assert answer.status_code == 413
    assert "larger than 100 bytes" in answer.json()["error_description"]


async def test_a_wrong_sessid_is_answered_with_the_right_one(start: Callable[..., Any]) -> None:
    client = await start(check_sessid=True)
    refused = (await client.http.post(CONFIG, data={"sessid": "old"})).json()
    assert refused["error"] == "session_failed"
    right = refused["sessid"]
    assert "result" in (await client.http.post(CONFIG, data={"sessid": right})).json()
    assert "result" in (await client.http.post(CONFIG, headers={"X-Bitrix-Csrf-Token": right})).json()
    assert "result" in (await client.http.post(CONFIG, data={"pull_guest_id": -1})).json()
    await client.server.add_application("app.1", "t0ken", user=1)
    assert "result" in (await client.http.post("/rest/pull.watch.extend", data={"auth": "t0ken"})).json()
    assert "result" in (await client.http.post("/rest/server.time")).json()


PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "x-bitrix-csrf-token",
}


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://app.localhost",
        "http://127.1.2.3:5173",
        "http://[::1]:80",
        "http://push.example:81",
        "http://PUSH.example",
    ],
)
async def test_pages_of_this_machine_and_of_the_servers_host_may_call_without_cookies(
    start: Callable[..., Any], origin: str
) -> None:
    client = await start(allowed_hosts=("push.example",))
    headers = {"Origin": origin, "Host": "push.example:8893"}
    preflight = await client.http.options(CONFIG, headers={**headers, **PREFLIGHT})
    assert preflight.status_code == 204
    assert "X-Bitrix-Csrf-Token" in preflight.headers["access-control-allow-headers"]
    answer = await client.http.post(CONFIG, headers=headers)
    assert answer.status_code == 200
    for reply in (preflight, answer):
        assert reply.headers["access-control-allow-origin"] == origin
        assert reply.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example",
        "http://localhost.example",
        "http://127.0.0.1.a.example",
        "http://a@localhost",
        "null",
        "file://localhost",
        "",
    ],
)
async def test_pages_of_other_origins_are_refused_with_the_option_that_allows_them(
    client: Any, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Origin": origin}
    preflight = await client.http.options(CONFIG, headers={**headers, **PREFLIGHT})
    answer = await client.http.post(CONFIG, headers=headers)
    for reply in (preflight, answer):
        assert reply.status_code == 403
        assert "access-control-allow-origin" not in reply.headers
        assert f"pages of origin '{origin}' are refused: add it to the option cors_origins" in reply.text
    assert "channels" not in answer.text
    assert answer.json()["error"] == "ACCESS_DENIED"
    assert "option cors_origins" in caplog.text
    assert client.server.requests[-1].status == 403


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ("baggage,sentry-trace,x-bitrix-csrf-token", True),
        ("X-Trace_1", True),
        ("x-one:x-two", False),
        (",".join(["x"] * 33), False),
        ("x" * 65, False),
    ],
)
async def test_a_page_may_send_headers_that_its_tools_add(client: Any, wanted: str, allowed: bool) -> None:
    asks = {"Origin": "http://localhost:3000", **PREFLIGHT, "Access-Control-Request-Headers": wanted}
    answer = await client.http.options(CONFIG, headers=asks)
    listed = answer.headers["access-control-allow-headers"]
    assert "X-Bitrix-Csrf-Token" in listed
    assert listed.endswith(f", {wanted}") is allowed


async def test_a_long_origin_is_cut_in_the_refusal(client: Any) -> None:
    answer = await client.http.post(CONFIG, headers={"Origin": f"https://{'a' * 1000}.example"})
    assert answer.status_code == 403
    assert len(answer.text) < 200


async def test_named_origins_may_call_with_cookies(start: Callable[..., Any]) -> None:
    client = await start(cors_origins=("https://a.example",))
    named = await client.http.post(CONFIG, headers={"Origin": "https://a.example"})
    assert named.headers["access-control-allow-origin"] == "https://a.example"
    assert named.headers["access-control-allow-credentials"] == "true"
    assert named.headers["vary"] == "Origin"
    other = await client.http.post(CONFIG, headers={"Origin": "https://b.example"})
    assert other.status_code == 403


async def test_a_star_lets_any_origin_call_without_cookies(start: Callable[..., Any]) -> None:
    client = await start(cors_origins=("*",))
    for headers in ({}, {"Origin": "https://a.example"}, {"Origin": "null"}):
        answer = await client.http.post(CONFIG, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers


async def test_the_same_key_gives_the_same_channels(start: Callable[..., Any]) -> None:
    one, two = await start(signature_key="k"), await start(signature_key="k")
    ids = [(await client.config())["channels"]["private"]["id"] for client in (one, two)]
    assert ids[0] == ids[1]
    parse_channel_list(ids[0])
