"""bxpull_server.web.backend_publish, over HTTP."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.journal import PublishRequest
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    ChannelStats,
    ChannelStatsRequest,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
    ResponseBatch,
    ServerStatsRequest,
)

A, B = "a" * 32, "b" * 32
PUB = "/bitrix/pub/"


async def test_a_posted_event_reaches_its_channels(start: Callable[..., Any], event_json: Any) -> None:
    client = await start(signature_key="")
    page = await client.open(f"CHANNEL_ID={A}")
    answer = await client.http.post(PUB, params={"CHANNEL_ID": f"{A}/{B}"}, content=event_json(n=1))
    assert answer.status_code == 200
    record = await page.record()
    assert answer.json() == {"mid": record["mid"], "delivered": 1}
    assert (record["channel"], record["text"]["params"]) == (A, {"n": 1})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_event_is_passed_on_as_it_is(start: Callable[..., Any]) -> None:
    client = await start(signature_key="")
    page = await client.open(f"CHANNEL_ID={A}")
    body = '{\n "module_id": "Test", "command": "c", "params": [],\n "x": "\u2028#!NGINXNME!#"}'
    await client.http.post(PUB, params={"CHANNEL_ID": A}, content=body.encode())
    assert (await page.event()) == {
        "module_id": "Test",
        "command": "c",
        "params": [],
        "x": "\u2028#!NGINXNME!#",
    }


async def test_signed_ids_are_verified_and_unsigned_ones_trusted(client: Any, event_json: Any) -> None:
    config = await client.config()
    signed = config["channels"]["private"]["id"]
    for channel, status in ((signed, 200), (signed[:32], 200), (f"{A}.{'f' * 40}", 403)):
        answer = await client.http.post(PUB, params={"CHANNEL_ID": channel}, content=event_json())
        assert answer.status_code == status
    assert "wrong signature" in answer.text


async def test_a_signed_public_id_is_published_to_in_every_way(client: Any, event_json: Any) -> None:
    config = await client.config()
    public = config["channels"]["private"]["public_id"]
    page = await client.subscribe()
    answer = await client.http.post(PUB, params={"CHANNEL_ID": public}, content=event_json(n=1))
    assert answer.json()["delivered"] == 1
    await client.server.add_by_channel(public, module_id="test", command="check", params={"n": 2})
    assert [(await page.event())["params"]["n"] for _ in range(2)] == [1, 2]
    (told,) = (await client.http.get(PUB, params={"CHANNEL_ID": public})).json()["infos"]
    assert (told["channel"], told["subscribers"]) == (public[:32], 1)


@pytest.mark.parametrize(
    ("channel", "body", "problem"),
    [
        (None, b'{"module_id":"m"}', "CHANNEL_ID is missing or empty"),
        ("xyz", b'{"module_id":"m"}', "segment 1 of CHANNEL_ID is not a channel id"),
        (f"{A}//{B}", b'{"module_id":"m"}', "segment 2 of CHANNEL_ID is empty"),
        (A, b"", "the body is empty"),
        (A, b"not json", "the body is not JSON: Expecting value at line 1, column 1"),
        (A, b"[]", "the body must be a JSON object"),
        (A, b"{}", "the event has no module_id"),
    ],
)
async def test_bad_publishes_are_refused_with_one_sentence(
    client: Any, channel: str | None, body: bytes, problem: str
) -> None:
    params = {} if channel is None else {"CHANNEL_ID": channel}
    answer = await client.http.post(PUB, params=params, content=body)
    assert answer.status_code == 400
    assert answer.text.startswith(problem)
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    entry = client.server.requests[-1]
    assert isinstance(entry, PublishRequest)
    assert (entry.status, entry.body) == (400, body)


async def test_more_than_100_channels_are_refused_with_their_code(client: Any, event_json: Any) -> None:
    params = {"CHANNEL_ID": "/".join(f"{number:032x}" for number in range(101))}
    for answer in (
        await client.http.post(PUB, params=params, content=event_json()),
        await client.http.get(PUB, params=params),
    ):
        assert answer.status_code == 400
        assert answer.text.startswith("4018 the request names 101 channels")


async def test_a_mode_that_is_neither_true_nor_false_is_named(client: Any, event_json: Any) -> None:
    for mode, status in (("1", 400), ("TRUE", 400), ("false", 200)):
        params = {"binaryMode": mode, "CHANNEL_ID": A}
        answer = await client.http.post(PUB, params=params, content=event_json())
        assert answer.status_code == status
        assert (answer.text == "binaryMode must be true or false\n") is (status == 400)


async def test_a_body_over_the_limit_is_refused(start: Callable[..., Any]) -> None:
    client = await start(body_limit=10)
    answer = await client.http.post(PUB, params={"CHANNEL_ID": A}, content=b"x" * 11)
    assert answer.status_code == 413


@pytest.mark.parametrize("expiry", ["-1", "x", "4294967296", "\u0661"])
async def test_a_bad_expiry_is_refused(client: Any, event_json: Any, expiry: str) -> None:
    headers = {b"Message-Expiry": expiry.encode()}
    answer = await client.http.post(PUB, params={"CHANNEL_ID": A}, content=event_json(), headers=headers)
    assert answer.status_code == 400
    assert "Message-Expiry must be whole seconds" in answer.text


async def test_expiry_decides_how_long_an_event_can_be_resumed(
    start: Callable[..., Any], event_json: Any
) -> None:
    clock = ManualClock()
    client = await start(signature_key="", clock=clock)
    for seconds in (0, 10, 100):
        await client.http.post(
            PUB,
            params={"CHANNEL_ID": A},
            content=event_json(kept=seconds),
            headers={"Message-Expiry": str(seconds)},
        )
    clock.advance(60)
    page = await client.open(f"CHANNEL_ID={A}&mid={'0' * 26}")
    assert (await page.event())["params"] == {"kept": 100}


async def test_get_tells_who_listens(start: Callable[..., Any], event_json: Any) -> None:
    client = await start(signature_key="")
    await client.open(f"CHANNEL_ID={A}")
    await client.http.post(PUB, params={"CHANNEL_ID": A}, content=event_json())
    answer = await client.http.get(PUB, params={"CHANNEL_ID": f"{A}/{B}"})
    assert answer.json() == {
        "infos": [
            {"channel": A, "subscribers": 1, "stored_messages": 1},
            {"channel": B, "subscribers": 0, "stored_messages": 0},
        ]
    }
    assert (await client.http.get(PUB)).status_code == 400


async def test_pages_of_foreign_origins_cannot_publish(client: Any, event_json: Any) -> None:
    for origin, status in (("https://a.example", 403), ("http://localhost:3000", 200)):
        answer = await client.http.post(
            PUB, params={"CHANNEL_ID": A}, content=event_json(), headers={"Origin": origin}
        )
        assert answer.status_code == status


@pytest.mark.parametrize("path", [f"{PUB}?CHANNEL_ID={A}", "/rest/pull.config.get.json", "/control/send"])
@pytest.mark.parametrize(
    ("head", "begun", "answer"),
    [
        ("Content-Length: 100\r\nExpect: 100-continue", b"{", b"HTTP/1.1 100 "),
        ("Transfer-Encoding: chunked", b"1\r\n{\r\nzz\r\n", b"HTTP/1.1 400 "),
        ("Transfer-Encoding: chunked\r\nExpect: 100-continue", b"zz\r\n", b"HTTP/1.1 400 "),
    ],
    ids=["aborted", "bad chunk", "bad chunk of one who asks first"],
)
async def test_a_body_that_breaks_off_leaves_no_traceback(
    client: Any, path: str, head: str, begun: bytes, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    lines = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{head}\r\n\r\n"
    writer.write(lines.encode() + begun)
    tasks = client.server._listener._server.server_state.tasks
    assert (await reader.readline()).startswith(answer)
    writer.close()
    await writer.wait_closed()
    while tasks:
        await asyncio.wait(list(tasks))
    assert "Traceback" not in caplog.text
    assert "Exception" not in caplog.text


@pytest.mark.parametrize(
    ("version", "head", "coded"),
    [
        ("1.0", "Content-Length: 44", b"%s"),
        ("1.1", "Host: push\r\nTransfer-Encoding: chunked", b"2c\r\n%s\r\n0\r\n\r\n"),
        ("1.1", "Host: push\r\nExpect: 100-continue\r\nContent-Length: 44", b"%s"),
    ],
    ids=["no host", "chunked", "asks first"],
)
async def test_every_dialect_of_http_can_publish(
    start: Callable[..., Any], version: str, head: str, coded: bytes
) -> None:
    client = await start(signature_key="")
    page = await client.open(f"CHANNEL_ID={A}")
    event = b'{"module_id":"m","command":"c","params":[1]}'
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    writer.write(
        f"POST {PUB}?CHANNEL_ID={A} HTTP/{version}\r\n{head}\r\nConnection: close\r\n\r\n".encode()
        + coded % event
    )
    answer = await reader.read()
    writer.close()
    assert b" 200 OK\r\n" in answer
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2])["delivered"] == 1
    assert (await page.event())["params"] == [1]


BINARY = {"binaryMode": "true", "hostname": "portal.example"}


def private(channel: str) -> Channel:
    return Channel(bytes.fromhex(channel), is_private=True)


def publish_request(
    *receivers: Channel, body: str = '{"module_id":"m","command":"c","params":{}}'
) -> Request:
    return Request(IncomingMessagesRequest((IncomingMessage(receivers, body=body, expiry=60),)))


def batch(*requests: Request) -> bytes:
    return encode(RequestBatch(requests))


async def test_version_four_publishes_and_asks_in_one_batch(client: Any) -> None:
    page = await client.subscribe(1)
    listened = (await client.config())["channels"]["private"]["id"][:32]
    body = batch(
        publish_request(private(listened), private(B)),
        Request(channel_stats=ChannelStatsRequest((private(listened), Channel(bytes.fromhex(B))))),
        Request(server_stats=ServerStatsRequest()),
    )
    answer = await client.http.post(PUB, params=BINARY, content=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    published, channels, server = decode(ResponseBatch, answer.content).responses
    record = await page.record()
    assert published.outgoing_messages is not None
    (made,) = published.outgoing_messages.messages
    assert (made.id.hex(), made.expiry) == (record["mid"], 60)
    assert channels.channel_stats is not None
    assert channels.channel_stats.channels == (
        ChannelStats(bytes.fromhex(listened), True, True),
        ChannelStats(bytes.fromhex(B), False, False),
    )
    assert server.server_stats is not None
    assert json.loads(server.server_stats.json)["connections"] == 1
    assert client.server.requests[-1] == PublishRequest("POST", answer.request.url.query.decode(), body, 200)


async def test_back_ends_are_sender_type_two(client: Any) -> None:
    page = await client.subscribe(1, flags="binaryMode=true")
    channel = (await client.config())["channels"]["private"]["id"][:32]
    await client.http.post(PUB, params=BINARY, content=batch(publish_request(private(channel))))
    message = await page.message()
    assert message.sender is not None
    assert message.sender.type is Sender.BACKEND


async def test_a_signature_over_the_body_is_checked_when_there_is_one(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k")
    body = batch(publish_request(private(A)))
    for signature, status in ((Signer("k").signature(body), 200), (Signer("other").signature(body), 403)):
        answer = await client.http.post(PUB, params={**BINARY, "signature": signature}, content=body)
        assert answer.status_code == status
    assert answer.text.startswith("the signature is wrong: send the sha1 HMAC of the body")


async def test_in_shared_mode_batches_must_be_signed(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k", mode="shared", client_id="cloud")
    body = batch(publish_request(private(A)))
    signed = {**BINARY, "signature": Signer("k").signature(body)}
    for params, status in (
        (BINARY, 403),
        (signed, 200),
        ({**signed, "clientId": "cloud"}, 200),
        ({**signed, "clientId": "another"}, 403),
    ):
        answer = await client.http.post(PUB, params=params, content=body)
        assert answer.status_code == status, answer.text
    assert "clientId is not this portal's" in answer.text


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"\x0a\x05", 400, "4013 "),
        (b"", 400, "4015 "),
        (batch(*[publish_request(private(A))] * 101), 400, "4016 the request has 101 messages"),
        (batch(publish_request()), 400, "4017 "),
        (batch(publish_request(*(private(f"{n:032x}") for n in range(101)))), 400, "4018 "),
        (batch(publish_request(Channel(b"x"))), 400, "4019 "),
        (batch(publish_request(Channel(bytes(16), signature=b"x"))), 403, "4021 "),
    ],
)
async def test_a_bad_batch_is_refused_whole(client: Any, body: bytes, status: int, problem: str) -> None:
    answer = await client.http.post(PUB, params=BINARY, content=body)
    assert answer.status_code == status
    assert answer.text.startswith(problem)
    assert client.server._hub.published == 0
