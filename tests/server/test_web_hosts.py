"""bxpull_server.web.hosts: a site that points its own name at this machine reaches nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)

EVENT = json.dumps({"module_id": "m", "command": "c", "params": {}})
FOREIGN = (
    "evil.example",
    "evil.example:8893",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example.",
)
MALFORMED = ("evil.example/x?", "a b", "a!b.evil.example", 'x"><script>.example', "evil.example:port")
KNOWN = (
    *("127.0.0.1", "localhost:1", "app.localhost", "192.168.1.7:8893", "[fe80::1]:8893", "LOCALHOST"),
    *("laptop", "laptop.local", "push.test", "host.docker.internal:8893"),
)


def batch(public_id: str) -> bytes:
    name, _, signature = public_id.partition(".")
    receiver = Channel(bytes.fromhex(name), signature=bytes.fromhex(signature))
    return encode(
        RequestBatch((Request(IncomingMessagesRequest((IncomingMessage((receiver,), body=EVENT),))),))
    )


async def doors(client: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """A request for every endpoint, as one who may make it would."""
    channels = (await client.config())["channels"]
    channel = quote(channels["private"]["id"], safe="")
    as_json = {"headers": {"Content-Type": "application/json"}}
    return [
        ("GET", "/", {}),
        ("GET", "/secret.txt", {}),
        ("GET", "/page.html", {}),
        ("GET", "/server-stat/", {}),
        ("GET", "/rest/pull.config.get.json", {}),
        ("POST", "/rest/pull.config.get.json", {}),
        ("OPTIONS", "/rest/pull.config.get.json", {}),
        ("GET", f"/bitrix/sub/?CHANNEL_ID={channel}", {}),
        ("GET", f"/bitrix/pub/?CHANNEL_ID={channel}", {}),
        ("POST", f"/bitrix/pub/?CHANNEL_ID={channel}", {"content": EVENT}),
        ("POST", "/bitrix/pub/?binaryMode=true", {"content": batch(channels["private"]["public_id"])}),
        ("POST", "/bitrix/pubweb/", {"content": batch(channels["private"]["public_id"])}),
        ("POST", "/bitrix/api/?hostId=h", {"content": b"{}"}),
        ("GET", "/control/state", {}),
        ("GET", "/control/events", {}),
        ("POST", "/control/send", {"content": b"{}", **as_json}),
        ("GET", "/control/page.html", {}),
        ("POST", "/conformance/run", {"content": b"{}", **as_json}),
    ]


@pytest.fixture
async def full(start: Callable[..., Any], tmp_path: Path) -> Any:
    """A server with something behind every door."""
    (tmp_path / "secret.txt").write_text("s3cret")
    page = ("text/html", "s3cret")
    return await start(
        static=tmp_path,
        pages={"/page.html": page, "/control/page.html": page},
        poll_timeout_s=0.001,
        conformance=True,
    )


@pytest.mark.parametrize("host", [*FOREIGN, *MALFORMED])
async def test_no_door_is_open_under_a_foreign_name(full: Any, host: str) -> None:
    for method, path, content in await doors(full):
        headers = {**content.get("headers", {}), "Host": host}
        if method == "POST":
            headers["Origin"] = f"http://{host}"  # same origin, for the browser
        answer = await full.http.request(method, path, **{**content, "headers": headers})
        assert answer.status_code == 403, (method, path, answer.text)
        assert "s3cret" not in answer.text
        assert "channels" not in answer.text
        assert "<" not in answer.text.replace("<token>", "")
    assert (await full.http.get("/server-stat/")).json()["published"] == 0


@pytest.mark.parametrize("host", KNOWN)
async def test_addresses_and_names_that_cannot_be_lent_are_answered(full: Any, host: str) -> None:
    for path in ("/secret.txt", "/page.html", "/server-stat/", "/rest/pull.config.get.json"):
        assert (await full.http.get(path, headers={"Host": host})).status_code == 200


async def test_the_refusal_names_the_host_and_the_option(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sentence = "this server is not known as 'portal.example': add it to the option allowed_hosts"
    headers = {"Host": "portal.example:80", "Origin": "http://localhost:3000"}
    answer = await client.http.post("/rest/pull.config.get.json", headers=headers)
    assert answer.text == f"{sentence}\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    # A page that may use the server reads why it is refused.
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert sentence in caplog.text
    long = await client.http.get("/", headers={"Host": f"{'a' * 1000}.example"})
    assert len(long.text) < 200


@pytest.mark.parametrize(
    "options",
    [
        {"allowed_hosts": ("portal.example",)},
        {"allowed_hosts": ("PORTAL.example", "other.example")},
        {"allowed_hosts": ("*",)},
        {"cors_origins": ("https://portal.example:8443",)},
        {"cors_origins": ("*",)},
    ],
)
async def test_further_names_are_answered(start: Callable[..., Any], options: dict[str, Any]) -> None:
    client = await start(**options)
    headers = {"Host": "portal.example:8893"}
    assert (await client.http.post("/rest/pull.config.get.json", headers=headers)).status_code == 200
    # The control API is not opened by it.
    assert (await client.http.get("/control/state", headers=headers)).status_code == 403


async def test_a_socket_under_a_foreign_name_is_closed_with_1008(client: Any) -> None:
    address = ("127.0.0.1", client.server.port)
    query = await client.query(1)
    url = f"ws://evil.example:{client.server.port}/bitrix/subws/?{query}"
    async with connect(
        url,
        origin=Origin(f"http://evil.example:{client.server.port}"),
        host=address[0],
        port=address[1],
        proxy=None,
    ) as socket:
        await socket.wait_closed()
        assert socket.close_code == 1008
        assert "this server is not known as 'evil.example'" in (socket.close_reason or "")
    assert await client.server.connections() == []


async def test_what_a_page_of_another_site_embeds_is_refused(client: Any) -> None:
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    for path in ("/rest/pull.watch.extend.json?TAGS[]=a", f"/bitrix/sub/?{await client.query(1)}"):
        answer = await client.http.get(path, headers=embedded)
        assert answer.status_code == 403
        assert "pages of other origins" in answer.text
    # A link to it may be followed, and this machine's own pages may.
    for headers in ({**embedded, "Sec-Fetch-Mode": "navigate"}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await client.http.get("/rest/pull.config.get.json", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
async def test_a_simple_request_of_another_sites_page_does_nothing(
    full: Any, content_type: str, origin: str
) -> None:
    for method, path, content in await doors(full):
        if method != "POST":
            continue
        headers = {"Content-Type": content_type, "Origin": origin}
        answer = await full.http.post(path, content=content.get("content", b""), headers=headers)
        assert answer.status_code == 403, (path, answer.text)
    assert (await full.http.get("/server-stat/")).json()["published"] == 0
