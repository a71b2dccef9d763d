"""bxpull_server.web.browser_publish, over HTTP."""

import json
from typing import Any

import pytest

from bxpull_server.journal import BrowserPublish
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
    ResponseBatch,
    ServerStatsRequest,
)

PUBWEB = "/bitrix/pubweb/"
EVENT = '{"module_id":"m","command":"hello","params":{"a":1}}'


def batch(*receivers: Channel, body: str = EVENT) -> bytes:
    return encode(RequestBatch((Request(IncomingMessagesRequest((IncomingMessage(receivers, body=body),))),)))


async def public(client: Any, user: int) -> Channel:
    config = await client.config(bxpull_user=user)
    channel, _, signature = config["channels"]["private"]["public_id"].partition(".")
    return Channel(bytes.fromhex(channel), signature=bytes.fromhex(signature))


async def test_a_page_without_a_socket_publishes_over_http(client: Any) -> None:
    page = await client.subscribe(2, flags="binaryMode=true")
    body = batch(await public(client, 2))
    answer = await client.http.post(PUBWEB, content=body, headers={"Origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    message = await page.message()
    assert json.loads(message.body)["params"] == {"a": 1}
    assert message.sender is not None
    assert message.sender.type is Sender.CLIENT
    (response,) = decode(ResponseBatch, answer.content).responses
    assert response.outgoing_messages is not None
    assert [made.id for made in response.outgoing_messages.messages] == [message.id]
    assert client.server.requests[-1] == BrowserPublish("", body, "http://localhost:3000", 200)


BARE = Channel(bytes(16))


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"\x0a\x05", 400, "4013 the protobuf frame is cut off"),
        (batch(BARE, body="{}"), 400, "4013 message 1: the event has no module_id"),
        (encode(RequestBatch((Request(server_stats=ServerStatsRequest()),))), 403, "4014 statistics are for"),
        (b"", 400, "4015 "),
        (encode(RequestBatch((Request(IncomingMessagesRequest((IncomingMessage(),) * 101)),))), 400, "4016 "),
        (batch(), 400, "4017 message 1 has no receivers"),
        (batch(*(Channel(number.to_bytes(16)) for number in range(101))), 400, "4018 "),
        (batch(Channel(b"short")), 400, "4019 "),
        (batch(Channel(bytes(16), is_private=True)), 403, "4020 "),
        (batch(BARE), 403, "4021 receiver #"),
    ],
)
async def test_a_refusal_names_its_code_in_a_sentence(
    client: Any, body: bytes, status: int, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.http.post(PUBWEB, content=body)
    assert answer.status_code == status
    assert answer.text.startswith(problem)
    assert answer.text.count("\n") == 1
    assert "browser publish refused" in caplog.text
    assert client.server.requests[-1] == BrowserPublish("", body, None, status)
    assert client.server._hub.published == 0


async def test_a_body_over_the_limit_is_refused(client: Any) -> None:
    answer = await client.http.post(PUBWEB, content=b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, answer.text) == (413, "the body is larger than 1048576 bytes (body_limit)\n")


async def test_pages_of_foreign_origins_may_not_publish(client: Any) -> None:
    body = batch(await public(client, 1))
    answer = await client.http.post(PUBWEB, content=body, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "option cors_origins" in answer.text


async def test_a_preflight_request_is_answered(client: Any) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    answer = await client.http.options(PUBWEB, headers=headers)
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Content-Type" in answer.headers["access-control-allow-headers"]


async def test_it_is_for_posting_only(client: Any) -> None:
    assert (await client.http.get(PUBWEB)).status_code == 405
