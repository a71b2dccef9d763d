"""bxpull_server.web.backend_publish, over HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.journal import PublishRequest

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
    ],
    ids=["aborted", "bad chunk"],
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
