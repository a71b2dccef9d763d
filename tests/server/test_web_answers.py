"""bxpull_server.web.answers: what is answered in one turn goes out at its end, and nothing overtakes it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bxpull_server.connection import Connection
from bxpull_server.web.answers import Answers
from bxpull_server.web.request_protocol import RequestProtocol
from tests.server.noting import noting
from tests.server.raw_http import EVENT, PUB, A, answer, get, handshake, line, request

OK = "HTTP/1.1 200 OK"


@pytest.fixture
def never_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn ends."""
    monkeypatch.setattr(Answers, "add", lambda *_: None)


async def test_answers_of_one_turn_leave_together_behind_the_events(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await client.open(f"CHANNEL_ID={A}.{client.server._portal.signer.signature(A)}")
    steps: list[str] = []
    respond, deliver = RequestProtocol._respond, Connection.deliver
    monkeypatch.setattr(RequestProtocol, "_respond", noting(steps, "answered", respond))
    monkeypatch.setattr(Connection, "deliver", noting(steps, "event", deliver))
    pay = noting(steps, "paid", RequestProtocol.pay)
    monkeypatch.setattr(RequestProtocol, "pay", lambda line: pay(line) if line._owed else None)
    async with line(client) as (reader, writer), line(client) as (other_reader, other_writer):
        writer.write(request(PUB, EVENT))
        other_writer.write(request(PUB, EVENT))  # in the same turn: both are there when the server looks
        assert [(await answer(one))[0] for one in (reader, other_reader)] == [OK, OK]
    await page.event()
    assert steps == ["answered", "answered", "event", "paid", "paid"]


async def send_garbage(_client: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(b"garbage\r\n\r\n")


async def ask_on(_client: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(get("/bitrix/nothing/").encode())


async def say_no_more(_client: Any, writer: asyncio.StreamWriter) -> None:
    writer.write_eof()


async def do_nothing(_client: Any, _writer: asyncio.StreamWriter) -> None:
    pass


async def stop(client: Any, _writer: asyncio.StreamWriter) -> None:
    await client.server.stop()


@pytest.mark.parametrize("then", [send_garbage, ask_on, say_no_more, do_nothing, stop])
@pytest.mark.usefixtures("never_pays")
async def test_an_answer_goes_out_before_whatever_comes_next(
    start: Callable[..., Any], then: Callable[[Any, asyncio.StreamWriter], Awaitable[None]]
) -> None:
    client = await start(signature_key="", idle_timeout_s=0.5 if then is do_nothing else 60)
    page = await client.open(f"CHANNEL_ID={A}")
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT))
        await page.event()
        await then(client, writer)
        assert (await answer(reader))[0] == OK


@pytest.mark.parametrize(
    ("behind", "status"),
    [
        (request(PUB, EVENT), "200 OK"),
        (request(PUB, EVENT, "Expect: x"), "200 OK"),
        (get("/bitrix/nothing/").encode(), "404 Not Found"),
        (handshake("CHANNEL_ID=x").encode(), "101 Switching Protocols"),
        (handshake("CHANNEL_ID=x").replace("Key:", "Kee:").encode(), "400 Bad Request"),
        (b"garbage\r\n\r\n", "400 Bad Request"),
    ],
    ids=["a short way", "the usual way", "a wrong path", "a handshake", "a wrong handshake", "garbage"],
)
async def test_what_is_sent_behind_a_request_is_answered_behind_it(
    client: Any, behind: bytes, status: str
) -> None:
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT) + behind)
        assert [(await answer(reader))[0] for _ in range(2)] == [OK, f"HTTP/1.1 {status}"]
