"""bxpull_server.web.known_heads: what is not read again means what it meant, and nothing else does."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bxpull_server.journal import ApiRequest, PublishRequest
from bxpull_server.waiting import Pulse
from bxpull_server.web.known_heads import KnownHeads, KnownRequest, Lines
from bxpull_server.web.publishing import publish_one
from tests.server.raw_http import API, EVENT, PUB, A, answer, get, handshake, line, request

B = "b" * 32
CALL = request("/bitrix/api/?hostId=x", API)
FIRST = request(PUB, EVENT)
OTHER_CHANNEL = request(f"/bitrix/pub/?CHANNEL_ID={B}", EVENT)


class Found(list[KnownRequest | None]):
    """What was known of each request, or part of one."""

    def __init__(self) -> None:
        super().__init__()
        self.grown = Pulse()

    async def wait(self, count: int) -> None:
        """Return once it is so long."""
        await self.grown.until(lambda: len(self) >= count, 10, lambda: f"{len(self)} requests have come")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """What was known of each request."""
    find, found = KnownHeads.find, Found()

    def noted(heads: KnownHeads, data: bytes) -> KnownRequest | None:
        found.append(find(heads, data))
        found.grown.fire()
        return found[-1]

    monkeypatch.setattr(KnownHeads, "find", noted)
    return found


async def ask_in_turn(client: Any, *sent: bytes) -> list[Any]:
    """What is answered to each, on one connection, and what the journal has afterwards."""
    said: list[Any] = []
    async with line(client) as (reader, writer):
        for one in sent:
            writer.write(one)
            try:
                status, headers, body = await answer(reader)
            except asyncio.IncompleteReadError:
                said.append("closed")
                break
            headers.pop("date", None)
            said.append((status, headers, {**json.loads(body), "mid": ""} if body[:1] == b"{" else body))
    entries = [one for one in client.server.requests if isinstance(one, PublishRequest | ApiRequest)]
    client.server._services.journal.clear()
    await client.server._services.hub.store.clear()
    return [*said, *entries]


@asynccontextmanager
async def forgetful() -> AsyncIterator[None]:
    """Nothing is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(KnownHeads, "find", lambda *_: None)
        yield


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (FIRST, True),
        (OTHER_CHANNEL, True),
        (request(PUB, EVENT.replace(b"1", b"2")), True),
        (request(f"{PUB}/{B}", EVENT), True),
        (request(f"{PUB}/{A}", EVENT), True),
        (request(f"/bitrix/pub/?CHANNEL_ID={A}.{'f' * 40}", EVENT), True),
        (request("/bitrix/pub/?CHANNEL_ID=%41%zz", EVENT), True),
        (request("/bitrix/pub/", EVENT), True),
        (request("/bitrix/pub/?", EVENT), True),
        (request(PUB, b"?" * len(EVENT)), True),
        (request("/bitrix/api/?hostId=x", EVENT), True),
        (FIRST.replace(b"POST", b"GET"), False),
        (FIRST.replace(b"POST", b"post"), False),
        (FIRST.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (FIRST.replace(b"HTTP/1.1", b"HTTP/1.2"), False),
        (FIRST.replace(b"POST /", b"POST http://localhost/"), False),
        (FIRST.replace(b"POST /", b"POST  /"), False),
        (b"\r\n" + FIRST, False),
        (request(f"{PUB}#x", EVENT), False),
        (request(f"{PUB}&a=\xff", EVENT), False),
        (request("/bitrix/pub//", EVENT), False),
        (request("/bitrix/pubweb/", EVENT), False),
        (request("/bitrix/nothing/", EVENT), False),
        (request(f"{PUB}&x={'y' * 600}", EVENT), False),
        (request(PUB, EVENT + b" "), False),
        (request(PUB, EVENT, "X-New: 1"), False),
        (request(PUB, EVENT, host="evil.example"), False),
        (request(PUB, EVENT, "Origin: https://evil.example"), False),
        (request(PUB, EVENT, "Transfer-Encoding: chunked").replace(EVENT, b"0\r\n\r\n"), False),
        (request(PUB, EVENT, "Connection: close"), False),
        (FIRST + FIRST, False),
    ],
)
async def test_a_request_means_the_same_after_others(
    client: Any, found: Found, sent: bytes, known: bool
) -> None:
    after = await ask_in_turn(client, FIRST, CALL, sent)
    assert (found[-1] is not None and found[-1].line.path in (b"/bitrix/pub/", b"/bitrix/api/")) is known
    async with forgetful():
        assert await ask_in_turn(client, FIRST, CALL, sent) == after


async def test_a_request_that_comes_in_parts_is_whole(client: Any, found: Found) -> None:
    cuts = range(1, len(FIRST), 7)
    async with line(client) as (reader, writer):
        for cut in cuts:
            writer.write(FIRST)
            await answer(reader)
            writer.write(FIRST[:cut])
            await found.wait(len(found) + 1)
            writer.write(FIRST[cut:])
            assert (await answer(reader))[0] == "HTTP/1.1 200 OK"
    published = [one for one in client.server.requests if isinstance(one, PublishRequest)]
    assert [one.body for one in published] == [EVENT] * 2 * len(cuts)


async def test_a_head_cut_in_its_last_line_break_is_no_whole_request(client: Any, found: Found) -> None:
    sized = (request(PUB, EVENT.ljust(size)) for size in range(len(EVENT), 999))
    sent, cut = next(
        (one, end - 3) for one in sized if (end := one.index(b"\r\n\r\n") + 4) - 6 == len(one) - end
    )
    async with line(client) as (reader, writer):
        writer.write(sent)
        await answer(reader)
        writer.write(sent[:cut])
        await found.wait(2)
        writer.write(sent[cut:])
        assert (await answer(reader))[0] == "HTTP/1.1 200 OK"


async def test_the_lines_of_one_request_are_not_taken_for_those_of_another(client: Any) -> None:
    sized = (request(PUB, EVENT.ljust(size), "Message-Expiry: 60") for size in range(len(EVENT), 999))
    sent, body = next(
        (FIRST + one[:end], one[end:])
        for one in sized
        if len(EVENT) + (end := one.index(b"\r\n\r\n") + 4) == len(one) - end
    )
    for _ in range(2):
        async with line(client) as (reader, writer):
            writer.write(sent)
            assert (await answer(reader))[0] == "HTTP/1.1 200 OK"
            writer.write(body)
            assert (await answer(reader))[0] == "HTTP/1.1 200 OK"


async def test_a_publisher_is_idle_only_after_its_last_event(start: Callable[..., Any]) -> None:
    client = await start(signature_key="", idle_timeout_s=0.2)
    loop = asyncio.get_running_loop()
    async with line(client) as (reader, writer):
        until = loop.time() + 0.5
        while loop.time() < until:
            writer.write(FIRST)
            assert (await answer(reader))[0] == "HTTP/1.1 200 OK"
        assert await reader.read() == b""
        assert loop.time() >= until + 0.1


@pytest.mark.parametrize(
    "waits",
    [get(f"/bitrix/sub/?CHANNEL_ID={A}"), handshake(f"CHANNEL_ID={A}")],
    ids=["a long poll", "a WebSocket"],
)
async def test_whoever_waits_behind_an_event_is_not_idle(start: Callable[..., Any], waits: str) -> None:
    client = await start(signature_key="", idle_timeout_s=0.1)
    async with line(client) as (reader, writer):
        writer.write(FIRST + waits.encode())
        await answer(reader)
        if "Upgrade" in waits:
            await answer(reader)
        async with line(client) as (idle, _):
            assert await idle.read() == b""  # by now the other would have been closed, too
        async with line(client) as (publishing, publisher):
            publisher.write(FIRST)
            await answer(publishing)
            assert await reader.read(1)


async def test_an_answer_that_takes_longer_is_waited_for(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, found: Found
) -> None:
    client = await start(signature_key="", idle_timeout_s=0.1)
    goes_on = asyncio.Event()

    async def late(*arguments: Any) -> Any:
        await goes_on.wait()
        return await publish_one(*arguments)

    async with line(client) as (reader, writer):
        writer.write(FIRST)
        await answer(reader)
        monkeypatch.setattr("bxpull_server.web.backend_publish.publish_one", late)
        writer.write(FIRST)
        await found.wait(1)
        async with line(client) as (idle, _):
            assert await idle.read() == b""  # by now the other would have been closed, too
        writer.write(OTHER_CHANNEL)
        goes_on.set()
        assert [(await answer(reader))[0] for _ in range(2)] == ["HTTP/1.1 200 OK"] * 2
        assert await reader.read() == b""


def test_line_breaks_that_others_may_read_otherwise_are_not_remembered() -> None:
    heads, read = KnownHeads(), Lines({}, len(EVENT), keep_alive=True)
    for sent in (
        FIRST.replace(b"\r\nContent", b"\nContent"),
        FIRST.replace(b"\r\nContent", b"\rContent"),
        b"\r\n" + FIRST,
        FIRST + b"more",
        FIRST[:40],
        FIRST.replace(b"Host: ", b"Host: " + b"x" * 1024),
    ):
        heads.learn(sent, read)
        assert heads.find(sent) is None
    assert heads.find(FIRST) is None
    heads.learn(FIRST, read)
    known = heads.find(OTHER_CHANNEL)
    assert known is not None
    assert (known.line.path, known.line.query, known.body) == (b"/bitrix/pub/", f"CHANNEL_ID={B}", EVENT)


def test_only_the_newest_are_remembered() -> None:
    heads = KnownHeads()
    sent = [request(PUB, EVENT, f"X-Number: {n}") for n in range(2000)]
    for one in sent:
        heads.learn(one, Lines({}, len(EVENT), keep_alive=True))
    known = [heads.find(one) is not None for one in sent]
    assert known == [False] * (2000 - 512) + [True] * 512
