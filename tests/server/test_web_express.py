"""bxpull_server.web.express: the short way of back ends' requests says and does what the usual one does."""

import asyncio
import gc
import json
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server.journal import ApiRequest, PublishRequest
from bxpull_server.web.express import ExpressCycle
from tests.server.raw_http import API, EVENT, PUB, A, answer, handshake, line, request


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[ExpressCycle]:
    """The requests that went the short way."""
    run, taken = ExpressCycle.run, list[ExpressCycle]()

    async def noted(cycle: ExpressCycle) -> None:
        taken.append(cycle)
        await run(cycle)

    monkeypatch.setattr(ExpressCycle, "run", noted)
    return taken


async def ask(client: Any, *requests: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """The answers to requests that are sent at once on one connection."""
    async with line(client) as (reader, writer):
        writer.write(b"".join(requests))
        return [await answer(reader) for _ in requests]


@pytest.mark.parametrize(
    ("target", "body", "lines", "status"),
    [
        (PUB, EVENT, (), 200),
        (PUB, EVENT, ("Origin: http://localhost:1",), 200),
        (PUB, EVENT, ("Origin: https://evil.example",), 403),
        (PUB, EVENT, ("Message-Expiry: soon",), 400),
        (PUB, EVENT, ("Message-Expiry: 60 \t",), 200),
        (PUB, b"no event", (), 400),
        (f"/bitrix/pub/?CHANNEL_ID={A}.{'f' * 40}", EVENT, (), 403),
        ("/bitrix/pub/", EVENT, (), 400),
        ("/bitrix/pub/?CHANNEL_ID=%41", EVENT, (), 400),
        ("/bitrix/api/?hostId=x", API, (), 403),
        ("/bitrix/api/?hostId=x", b"{", (), 403),
    ],
)
async def test_both_ways_answer_the_same(
    client: Any, taken: list[ExpressCycle], target: str, body: bytes, lines: tuple[str, ...], status: int
) -> None:
    short, usual = await ask(client, *(request(target, body, *lines, *more) for more in ((), ("Expect: x",))))
    assert len(taken) == 1
    assert int(short[0].split()[1]) == status
    assert short[0] == usual[0]
    for headers in (short[1], usual[1]):
        assert headers.pop("date")
    said = [{**json.loads(body), "mid": ""} if body[:1] == b"{" else body for *_, body in (short, usual)]
    assert said[0] == said[1]
    assert short[1] == usual[1]
    entries = [one for one in client.server.requests if isinstance(one, PublishRequest | ApiRequest)]
    assert entries[0] == entries[1]
    assert entries[0].query == target.partition("?")[2]


@pytest.mark.parametrize(
    "sent",
    [
        request(PUB, EVENT, "Content-Encoding: gzip"),
        request(PUB, EVENT, host="evil.example"),
        request(PUB, b" " * 100_000),
        request(PUB, EVENT).replace(b"HTTP/1.1", b"HTTP/1.0"),
        request(PUB, EVENT).replace(b"POST /", b"POST http://localhost/"),
        request("/bitrix/pubweb/", EVENT),
    ],
    ids=["compressed", "another host", "large", "HTTP/1.0", "an absolute URL", "a page's"],
)
async def test_what_is_out_of_the_ordinary_goes_the_usual_way(
    client: Any, taken: list[ExpressCycle], sent: bytes
) -> None:
    await ask(client, sent)
    assert taken == []


async def test_requests_sent_at_once_are_answered_in_their_order(
    client: Any, taken: list[ExpressCycle]
) -> None:
    page = await client.open(f"CHANNEL_ID={A}.{client.server._portal.signer.signature(A)}")
    bodies = [EVENT.replace(b"1", b"%d" % n) for n in range(20)]
    answers = await ask(client, *(request(PUB, body) for body in bodies))
    mids = [json.loads(body)["mid"] for _, _, body in answers]
    assert mids == sorted(mids)
    assert [(await page.event())["params"]["a"] for _ in bodies] == list(range(20))
    assert taken


async def test_a_handshake_on_the_same_connection_publishes_nothing_again(client: Any) -> None:
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT))
        assert (await answer(reader))[0] == "HTTP/1.1 200 OK"
        writer.write(handshake("CHANNEL_ID=x").encode())
        assert (await answer(reader))[0] == "HTTP/1.1 101 Switching Protocols"
    assert len([one for one in client.server.requests if isinstance(one, PublishRequest)]) == 1


async def test_a_peer_that_does_not_read_its_answers_has_to_wait(
    client: Any, taken: list[ExpressCycle]
) -> None:
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT))
        await answer(reader)
        (protocol,) = client.server._listener._connections
        page = await client.open(f"CHANNEL_ID={A}.{client.server._portal.signer.signature(A)}")
        protocol.pause_writing()
        writer.write(request(PUB, EVENT))
        await page.event()
        assert len(taken) == 1
        assert not protocol.transport.get_write_buffer_size()
        protocol.resume_writing()
        assert (await answer(reader))[0] == "HTTP/1.1 200 OK"


async def test_a_connection_is_closed_if_the_peer_wants_that(client: Any, taken: list[ExpressCycle]) -> None:
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT, "Connection: close"))
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == ("HTTP/1.1 200 OK", "close")
        assert await reader.read() == b""
    assert len(taken) == 1


@pytest.mark.parametrize("lines", [(), ("Connection: close",)], ids=["the peer leaves", "the server closes"])
async def test_a_connection_that_ends_leaves_nothing_for_the_collector(
    client: Any, lines: tuple[str, ...]
) -> None:
    gone = asyncio.Event()
    gc.collect()
    gc.disable()
    try:
        async with line(client) as (reader, writer):
            writer.write(request(PUB, EVENT))
            await answer(reader)
            (protocol,) = client.server._listener._connections
            weakref.finalize(protocol, gone.set)
            del protocol
            writer.write(request(PUB, EVENT, *lines))
            await answer(reader)
        await asyncio.wait_for(gone.wait(), 10)
    finally:
        gc.enable()


async def test_a_defect_costs_one_answer(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("s3cret")

    monkeypatch.setattr("bxpull_server.web.backend_publish.parse_event", fail)
    failed, *_ = await ask(client, request(PUB, EVENT), request("/bitrix/api/?hostId=x", API))
    assert (failed[0], failed[2]) == ("HTTP/1.1 500 Internal Server Error", b"Internal Server Error\n")
    assert failed[1]["x-content-type-options"] == "nosniff"
    assert "a back end's request failed" in caplog.text


async def test_a_peer_that_does_not_wait_for_the_answer_is_no_defect(
    client: Any, caplog: pytest.LogCaptureFixture, taken: list[ExpressCycle]
) -> None:
    page = await client.open(f"CHANNEL_ID={A}.{client.server._portal.signer.signature(A)}")
    async with line(client) as (_, writer):
        writer.write(request(PUB, EVENT) * 3)
        await writer.drain()
    assert (await page.event())["params"] == {"a": 1}
    await ask(client, request(PUB, EVENT))
    assert taken
    assert "Traceback" not in caplog.text


async def test_an_event_that_was_taken_is_answered_by_a_server_that_stops(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await start(signature_key="")
    came, goes_on = asyncio.Event(), asyncio.Event()
    run = ExpressCycle.run

    async def late(cycle: ExpressCycle) -> None:
        came.set()
        await goes_on.wait()
        await run(cycle)

    monkeypatch.setattr(ExpressCycle, "run", late)
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT))
        await came.wait()
        stopping = asyncio.create_task(client.server.stop())
        goes_on.set()
        status, headers, _ = await answer(reader)
        assert (status.split()[1], headers["connection"]) in (("200", "close"), ("503", "close"))
        await stopping
