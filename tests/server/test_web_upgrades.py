"""bxpull_server.web.upgrades: requests that ask for another protocol, as Java's client does."""

from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server.journal import PublishRequest
from bxpull_server.web.upgrades import origin_form
from tests.server.raw_http import EVENT, PUB, A, answer, handshake, line, request

H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA")
ASKS = request(PUB, EVENT, *H2C)
HEAD = ASKS.removesuffix(EVENT)
CHUNKED = HEAD.replace(b"Content-Length: %d" % len(EVENT), b"Transfer-Encoding: chunked")


@pytest.mark.parametrize(
    ("parts", "answers"),
    [
        ((ASKS,), 1),
        ((HEAD, EVENT), 1),
        ((HEAD[:-20], HEAD[-20:] + EVENT[:9], EVENT[9:]), 1),
        ((CHUNKED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(EVENT), EVENT)), 1),
        ((ASKS, ASKS), 2),
        ((ASKS * 2 + request(PUB, EVENT) + ASKS,), 4),
        ((ASKS.replace(b"HTTP/1.1", b"HTTP/1.0"),), 1),
        ((ASKS.replace(b"Connection: ", b"Connection: close, "),), 1),
    ],
    ids=["at once", "body later", "in parts", "chunked", "again", "several at once", "HTTP/1.0", "the last"],
)
async def test_a_wish_for_http_2_is_passed_over(client: Any, parts: tuple[bytes, ...], answers: int) -> None:
    async with line(client) as (reader, writer):
        for part in parts:
            writer.write(part)
            async with line(client) as (other, elsewhere):
                elsewhere.write(request(PUB, b"{}"))
                await answer(other)  # so the part has been read by itself
        assert [(await answer(reader))[0] for _ in range(answers)] == ["HTTP/1.1 200 OK"] * answers
    published = [one.body for one in client.server.requests if isinstance(one, PublishRequest)]
    assert [body for body in published if body != b"{}"] == [EVENT] * answers


async def test_it_is_told_to_go_on_with_its_body(client: Any) -> None:
    async with line(client) as (reader, writer):
        writer.write(request(PUB, EVENT, *H2C, "Expect: 100-continue").removesuffix(EVENT))
        assert (await answer(reader))[0] == "HTTP/1.1 100 Continue"
        writer.write(EVENT)
        assert (await answer(reader))[0] == "HTTP/1.1 200 OK"


async def test_its_body_has_the_same_limit(start: Callable[..., Any]) -> None:
    client = await start(body_limit=20)
    async with line(client) as (reader, writer):
        writer.write(ASKS)
        assert (await answer(reader))[0].startswith("HTTP/1.1 413")


async def test_a_tunnel_is_refused(client: Any) -> None:
    async with line(client) as (reader, writer):
        writer.write(b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await answer(reader))[0].startswith("HTTP/1.1 4")


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("Connection: Upgrade", "Connection: Upgrade\r\nConnection: keep-alive"),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: upgrade"),
        ("Upgrade: websocket", "Upgrade: WebSocket \t"),
        ("GET /", "GET http://localhost/"),
        ("GET /", "GET ws://localhost:80/"),
    ],
)
async def test_a_handshake_is_one_in_every_spelling(client: Any, written: str, instead: str) -> None:
    async with line(client) as (reader, writer):
        writer.write(handshake(f"CHANNEL_ID={A}").replace(written, instead, 1).encode())
        assert (await answer(reader))[0] == "HTTP/1.1 101 Switching Protocols"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (b"/a/?b#c", b"/a/?b#c"),
        (b"http://host:1/a/?b=/c", b"/a/?b=/c"),
        (b"http://host", b"/"),
        (b"http://host?b", b"/?b"),
        (b"*", b"*"),
        (b"http://[", b"http://["),
    ],
)
def test_a_target_has_no_host(url: bytes, target: bytes) -> None:
    assert origin_form(url) == target
