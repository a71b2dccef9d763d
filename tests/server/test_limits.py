"""bxpull_server.limits over real sockets: too much is refused, by a sentence that names the option."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bxpull_server import ManualClock
from bxpull_server.errors import EventError, OptionsError, RateError
from bxpull_server.limits import Limits
from bxpull_server.options import ServerOptions
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)
from bxpull_server.web.pace import Pace
from bxpull_server.web.peers import Peers
from tests.server import raw_http

BINARY, JSON_RPC = "binaryMode=true", "jsonRpc=true"
EVENT = {"module_id": "m", "command": "c", "params": {}}
LARGE = {**EVENT, "params": {"x": "x" * 200}}
SHORT_S = 0.05


class Line:
    """A TCP connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def rest(self) -> bytes:
        """All the server sends until it ends the connection."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""
        finally:
            self.writer.close()


async def line(client: Any) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", client.server.port))


def batch(public_id: str, events: list[Any]) -> bytes:
    name, _, signature = public_id.partition(".")
    receiver = Channel(bytes.fromhex(name), signature=bytes.fromhex(signature))
    messages = tuple(IncomingMessage((receiver,), body=json.dumps(event)) for event in events)
    return encode(RequestBatch((Request(IncomingMessagesRequest(messages)),)))


async def public_id(client: Any, user: int = 1) -> str:
    return str((await client.config(bxpull_user=user))["channels"]["private"]["public_id"])


async def still_works(client: Any) -> None:
    """A good page after a bad one is served."""
    page = await client.subscribe(7)
    await client.server.add_by_user(7, module_id="m", command="good")
    assert (await page.event())["command"] == "good"


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("connections_per_address", 0, "at least 1, not 0"),
        ("url_limit", 65_536, "a whole number from 1 to 65535"),
        ("header_count", 129, "a whole number from 1 to 128"),
        ("header_limit", 0, "a whole number from 1"),
        ("publish_rate", 0.5, "a whole number"),
        ("event_limit", "1", "a whole number"),
        ("head_timeout_s", 0, "must be seconds, more than 0"),
        ("write_timeout_s", float("inf"), "must be seconds"),
    ],
)
def test_a_bad_limit_names_its_option(option: str, value: Any, problem: str) -> None:
    with pytest.raises(OptionsError, match=f"option {option}: .*{problem}"):
        ServerOptions(**{option: value})


async def test_a_head_has_a_limit_of_its_own_whatever_comes_at_once_with_it(
    start: Callable[..., Any],
) -> None:
    client = await start(url_limit=300, header_limit=900)
    peer = await line(client)
    one = raw_http.request(raw_http.PUB, raw_http.EVENT)
    half = len(one) // 2
    for part, answers in (
        (one * 20 + one[:half], 20),
        (one[half:] + one * 20 + one[:half], 21),
        (one[half:], 1),
    ):
        peer.send(part)
        statuses = [(await raw_http.answer(peer.reader))[0] for _ in range(answers)]
        assert statuses == ["HTTP/1.1 200 OK"] * answers
    peer.writer.close()


async def test_what_comes_behind_a_body_has_the_limit_of_a_head(start: Callable[..., Any]) -> None:
    client = await start(header_limit=900)
    peer = await line(client)
    peer.send(
        b"POST /bitrix/pub/?CHANNEL_ID=x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
    )
    for _ in range(100):
        peer.send(b"a" * 10_000)
        await peer.writer.drain()
    answer = await peer.rest()
    assert answer.startswith(b"HTTP/1.1 431 "), answer
    assert b"header_limit" in answer


@pytest.mark.parametrize(
    "behind",
    [
        b"GET /" + b"a" * 400 + b" HTTP/1.1\r\n\r\n",
        (
            b"GET /bitrix/subws/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ),
    ],
    ids=["a URL that is too long", "a handshake"],
)
async def test_no_answer_comes_into_the_midst_of_another(
    start: Callable[..., Any], caplog: pytest.LogCaptureFixture, tmp_path: Any, behind: bytes
) -> None:
    (tmp_path / "large.txt").write_bytes(b"x" * 12_000_000)
    client = await start(url_limit=300, static=tmp_path)
    peer = await line(client)
    peer.send(b"GET /large.txt HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
    assert await peer.reader.readexactly(15) == b"HTTP/1.1 200 OK"
    peer.send(behind)
    assert b"HTTP/1.1 " not in await peer.rest()
    assert "Traceback" not in caplog.text
    await still_works(client)


@pytest.mark.parametrize(
    ("head", "status", "option"),
    [
        (b"GET /" + b"a" * 400 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414 URI Too Long", b"url_limit"),
        (b"GET / HTTP/1.1\r\nCookie: " + b"a" * 1000 + b"\r\n\r\n", b"431 ", b"header_limit"),
        (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 21 + b"\r\n", b"431 ", b"header_count"),
        (b"GET / HTTP/1.1\r\nX-" + b"a" * 3000, b"431 ", b"header_limit"),
        (b"GET /" + b"a" * 3000, b"414 ", b"url_limit"),
        (
            b"GET /bitrix/subws/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX: "
            + b"a" * 1000
            + b"\r\n\r\n",
            b"431 ",
            b"header_limit",
        ),
    ],
    ids=["url", "header lines", "many header lines", "half a line", "half a URL", "handshake"],
)
@pytest.mark.parametrize("piecemeal", [False, True])
async def test_a_head_that_is_too_large_is_refused(
    start: Callable[..., Any],
    head: bytes,
    status: bytes,
    option: bytes,
    piecemeal: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = await start(url_limit=300, header_limit=900, header_count=20)
    peer = await line(client)
    if piecemeal:
        for at in range(0, len(head), 50):
            peer.send(head[at : at + 50])
            await peer.writer.drain()
    else:
        peer.send(head)
    answer = await peer.rest()
    assert answer.startswith(b"HTTP/1.1 " + status), answer
    assert option in answer
    assert b"X-Content-Type-Options: nosniff" in answer
    assert b"aaaa" not in answer
    assert "Traceback" not in caplog.text
    await still_works(client)


@pytest.mark.parametrize("sent", [b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n", b"\r\n", b"POST /r"])
async def test_a_request_that_does_not_come_on_is_refused(start: Callable[..., Any], sent: bytes) -> None:
    client = await start(head_timeout_s=SHORT_S)
    peer = await line(client)
    peer.send(sent)
    answer = await peer.rest()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the request's head did not come in 0.05 seconds (head_timeout_s)" in answer
    await still_works(client)


async def test_a_head_that_comes_byte_by_byte_gets_no_more_time(start: Callable[..., Any]) -> None:
    client = await start(head_timeout_s=SHORT_S)
    peer = await line(client)
    peer.send(b"GET / HTTP/1.1\r\n")

    async def drip() -> None:
        while not peer.reader.at_eof():
            peer.send(b"X: y\r\n")
            await peer.writer.drain()
            await client.http.get("/server-stat/")  # others are served meanwhile

    dripping = asyncio.create_task(drip())
    assert (await peer.reader.readline()).startswith(b"HTTP/1.1 408 ")
    dripping.cancel()
    peer.writer.close()


async def test_a_second_request_on_a_connection_has_its_own_time(start: Callable[..., Any]) -> None:
    client = await start(head_timeout_s=SHORT_S)
    peer = await line(client)
    peer.send(b"GET /server-stat/ HTTP/1.1\r\nHost: a\r\n\r\n" * 2 + b"GET /ser")
    answer = await peer.rest()
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert answer.count(b"HTTP/1.1 408 ") == 1


@pytest.mark.parametrize(
    "path",
    [
        *("/rest/pull.config.get.json", "/bitrix/pub/?binaryMode=true", "/bitrix/pubweb/", "/bitrix/api/"),
        *("/control/send", "/none"),
    ],
)
async def test_a_body_that_does_not_come_on_is_refused(start: Callable[..., Any], path: str) -> None:
    client = await start(body_timeout_s=SHORT_S)
    peer = await line(client)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    peer.send(head.encode())
    answer = await peer.rest()
    assert b"HTTP/1.1 408 " in answer
    assert b"the request's body did not come in 0.05 seconds (body_timeout_s)" in answer
    await still_works(client)


@pytest.mark.parametrize("requests", [0, 1])
async def test_an_idle_connection_is_closed(start: Callable[..., Any], requests: int) -> None:
    client = await start(idle_timeout_s=SHORT_S)
    peer = await line(client)
    peer.send(b"GET /server-stat/ HTTP/1.1\r\nHost: a\r\n\r\n" * requests)
    assert (await peer.rest()).count(b"HTTP/1.1 ") == requests


async def test_a_poll_and_a_socket_are_not_idle(start: Callable[..., Any]) -> None:
    client = await start(idle_timeout_s=SHORT_S, head_timeout_s=SHORT_S, body_timeout_s=SHORT_S)
    poll = asyncio.create_task(client.http.get(f"/bitrix/sub/?{await client.query(1)}", timeout=30))
    page = await client.subscribe(2)
    await client.server.wait_connected(1)
    idle = await line(client)
    assert await idle.rest() == b""  # by now the others would have been closed, too
    await client.server.add_by_users([1, 2], module_id="m", command="c")
    assert "module_id" in (await poll).text
    assert (await page.event())["command"] == "c"


async def test_too_many_connections_of_one_address_are_refused(start: Callable[..., Any]) -> None:
    client = await start(connections_per_address=3)
    peers = [await line(client) for _ in range(3)]
    for peer in peers:
        peer.send(b"GET /server-stat/ HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 200 " in await peer.reader.readline()
    further = await line(client)
    further.send(b"GET /server-stat/ HTTP/1.1\r\nHost: a\r\n\r\n")
    answer = await further.rest()
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"127.0.0.1 has 3 connections: connections_per_address allows no more" in answer
    for peer in peers:
        peer.writer.close()
        await peer.rest()
    await still_works(client)


async def test_sockets_count_and_leave_too(start: Callable[..., Any]) -> None:
    client = await start(connections_per_address=2)
    query = await client.query(1)
    await client.http.aclose()
    for _ in range(5):
        page = await client.open(query)
        await client.server.wait_connected(1)
        await page.socket.close()
        await client.server.wait_disconnected(1)


def test_this_machine_is_not_counted_unless_told_so() -> None:
    peers, limits = Peers(), Limits()
    assert not any(peers.arrived("127.0.0.1", limits) or peers.arrived("::1", limits) for _ in range(3000))
    assert not any(peers.arrived("192.0.2.1", limits) for _ in range(1000))
    assert "192.0.2.1 has 1000 connections" in peers.arrived("192.0.2.1", limits)
    assert not peers.arrived("192.0.2.2", limits)
    for _ in range(1001):
        peers.left("192.0.2.1")
    assert not peers.arrived("192.0.2.1", limits)
    assert peers.arrived("::1", Limits(connections_per_address=3))


async def test_a_body_that_is_too_large_is_refused(start: Callable[..., Any]) -> None:
    client = await start(body_limit=50)
    for path in (
        "/rest/pull.config.get.json",
        "/bitrix/pubweb/",
        "/bitrix/pub/?binaryMode=true",
        "/bitrix/api/",
    ):
        answer = await client.http.post(path, content=b"x" * 51)
        assert answer.status_code == 413
        assert "the body is larger than 50 bytes (body_limit)" in answer.text
    sent = client.http.post("/control/send", json={"x": "x" * 51})
    assert "body_limit" in (await sent).text


@pytest.mark.parametrize("flags", [BINARY, JSON_RPC, ""])
async def test_a_socket_message_that_is_too_large_closes_it(start: Callable[..., Any], flags: str) -> None:
    client = await start(message_limit=1000, server_version=5)
    page = await client.subscribe(1, flags=flags)
    await page.socket.send(b"x" * 1001)
    assert await page.closed() == (1009, "a message may have 1000 bytes: message_limit allows no more")
    page = await client.subscribe(1, flags=flags)

    async def parts() -> Any:
        for _ in range(3):
            yield "x" * 400

    await page.socket.send(parts())
    assert (await page.closed())[0] == 1009
    await still_works(client)


async def test_an_event_that_is_too_large_is_refused_on_every_way(start: Callable[..., Any]) -> None:
    client = await start(event_limit=100, signature_key="", server_version=5)
    channels = (await client.config())["channels"]["private"]
    path = f"/bitrix/pub/?CHANNEL_ID={quote(channels['id'], safe='')}"
    answer = await client.http.post(path, json=LARGE)
    assert (answer.status_code, "at most 100 can be published (event_limit)" in answer.text) == (413, True)
    large = batch(channels["public_id"], [EVENT, LARGE])
    for path in ("/bitrix/pub/?binaryMode=true", "/bitrix/pubweb/"):
        answer = await client.http.post(path, content=large)
        assert (answer.status_code, answer.text[:16]) == (400, "4013 message 2: ")
        assert "event_limit" in answer.text
    call = {"jsonrpc": "2.0", "method": "publish", "id": 1, "params": {"userList": [1], "body": LARGE}}
    answer = await client.http.post("/bitrix/api/?hostId=h", json=call)
    assert "event_limit" in answer.json()["error"]["message"]
    event = {"module": "m", "command": "c", "params": LARGE["params"], "user": 1}
    answer = await client.http.post("/control/send", json=event)
    assert (answer.status_code, "event_limit" in answer.text) == (400, True)
    with pytest.raises(EventError, match="event_limit"):
        await client.server.add_by_user(1, module_id="m", command="c", params=LARGE["params"])
    await client.server.set_user(2, server_version=4)
    page = await client.subscribe(2, flags=BINARY)
    await page.socket.send(large)
    code, reason = await page.closed()
    assert (code, "event_limit" in reason) == (4013, True)
    assert (await client.http.get("/server-stat/")).json()["published"] == 0


async def test_the_size_of_an_event_is_that_of_its_bytes(start: Callable[..., Any]) -> None:
    client = await start(event_limit=100, signature_key="")
    path = f"/bitrix/pub/?CHANNEL_ID={'a' * 32}"
    event = json.dumps({**EVENT, "params": {"x": "ж" * 30}}, ensure_ascii=False)
    assert len(event) < 100 < len(event.encode())
    assert (await client.http.post(path, content=event.encode())).status_code == 413


async def test_too_many_messages_and_channels_are_refused(start: Callable[..., Any]) -> None:
    client = await start(messages_per_request=3, channels_per_request=2, signature_key="")
    receiver = await public_id(client)
    for path in ("/bitrix/pub/?binaryMode=true", "/bitrix/pubweb/"):
        assert (await client.http.post(path, content=batch(receiver, [EVENT] * 3))).status_code == 200
        answer = await client.http.post(path, content=batch(receiver, [EVENT] * 4))
        assert (answer.status_code, answer.text[:5]) == (400, "4016 ")
        assert "at most 3 are allowed (messages_per_request)" in answer.text
    calls = [
        {"jsonrpc": "2.0", "method": "publish", "id": n, "params": {"userList": [1], "body": EVENT}}
        for n in range(4)
    ]
    answer = await client.http.post("/bitrix/api/?hostId=h", json=calls)
    assert "(messages_per_request)" in answer.text
    many = "/".join(f"{number:032x}" for number in range(3))
    for method, path in (("POST", "/bitrix/pub/"), ("GET", "/bitrix/pub/"), ("GET", "/bitrix/sub/")):
        answer = await client.http.request(
            method, path, params={"CHANNEL_ID": many}, content=json.dumps(EVENT) if method == "POST" else None
        )
        assert answer.status_code == 400
        assert "3 channels: at most 2 are allowed (channels_per_request)" in answer.text
    code, reason = await (await client.open(f"CHANNEL_ID={quote(many, safe='')}")).closed()
    assert (code, "(channels_per_request)" in reason) == (4010, True)


async def test_a_page_that_publishes_too_fast_is_refused(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(publish_rate=2, publish_burst=4, server_version=5, clock=clock)
    page, reader = await client.subscribe(1, flags=JSON_RPC), await client.subscribe(2)
    receiver = await public_id(client, 2)
    for _ in range(4):
        assert "mid" in await page.call("publish", channelList=[receiver], body=EVENT)
    refused = await page.call("ping")
    assert refused["code"] == -32600
    assert "2 a second (publish_rate), 4 at once (publish_burst)" in refused["message"]
    clock.advance(0.5)
    assert "mid" in await page.call("publish", channelList=[receiver], body=EVENT)
    assert [(await reader.event())["command"] for _ in range(5)] == ["c"] * 5
    assert (await client.http.get("/server-stat/")).json()["published"] == 5


async def test_a_batch_of_a_page_that_publishes_too_fast_closes_it(start: Callable[..., Any]) -> None:
    client = await start(publish_rate=1, publish_burst=4, clock=ManualClock())
    page, receiver = await client.subscribe(1, flags=BINARY), await public_id(client)
    await page.socket.send(batch(receiver, [EVENT] * 3))
    for _ in range(3):
        await page.message()
    await page.socket.send(batch(receiver, [EVENT] * 2))
    code, reason = await page.closed()
    assert code == 1013
    assert "(publish_rate)" in reason
    # Another connection, and a back end, are not slowed down by it.
    page = await client.subscribe(1, flags=BINARY)
    for _ in range(3):
        await client.http.post("/bitrix/pub/?binaryMode=true", content=batch(receiver, [EVENT] * 50))
    assert (await client.http.get("/server-stat/")).json()["published"] == 3 + 3 * 50


@pytest.mark.parametrize("garbage", ["{", "[]", "mack", "\ud7ff" * 1000])
async def test_what_is_no_json_rpc_counts_and_too_much_of_it_closes_the_connection(
    start: Callable[..., Any], garbage: str
) -> None:
    clock = ManualClock()
    client = await start(publish_rate=2, publish_burst=4, server_version=5, clock=clock)
    page = await client.subscribe(1, flags=JSON_RPC)
    for _ in range(4):
        await page.socket.send(garbage)
        assert (await page.answer())["error"]["code"] in (-32700, -32600)
    # It has used up what calls may use, too.
    assert "(publish_rate)" in (await page.call("ping"))["message"]
    clock.advance(0.5)
    assert await page.call("ping") == "pong"
    await page.socket.send(garbage)
    code, reason = await page.closed()
    assert code == 1013
    assert "2 a second (publish_rate)" in reason
    # Its user comes back, and is served.
    page = await client.subscribe(1, flags=JSON_RPC)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.incoming())["body"]["command"] == "c"


async def test_a_page_that_posts_too_fast_is_refused(start: Callable[..., Any]) -> None:
    client = await start(publish_rate=1, publish_burst=4, clock=ManualClock())
    data = batch(await public_id(client), [EVENT] * 2)
    statuses = [(await client.http.post("/bitrix/pubweb/", content=data)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    async with httpx.AsyncClient(base_url=client.server.url, trust_env=False) as other:
        assert (await other.post("/bitrix/pubweb/", content=data)).status_code == 200


def test_a_pace_lets_through_what_its_rate_and_burst_say() -> None:
    clock = ManualClock()
    pace = Pace(clock, rate=10, burst=5)
    done = 0
    for _ in range(100):
        clock.advance(0.05)
        with suppress(RateError):
            pace.take(1)
            done += 1
    assert 50 <= done <= 55
    clock.advance(3600)
    pace.take(5)
    with pytest.raises(RateError):
        pace.take(1)


async def test_limits_can_be_others_after_a_reset(start: Callable[..., Any]) -> None:
    client = await start()
    await client.server.reset(url_limit=50, message_limit=10)
    peer = await line(client)
    peer.send(b"GET /" + b"a" * 60 + b" HTTP/1.1\r\n\r\n")
    assert (await peer.rest()).startswith(b"HTTP/1.1 414 ")


@pytest.mark.parametrize("path", ["/server-stat/", raw_http.PUB])
async def test_a_reset_changes_the_limits_of_open_lines_too(start: Callable[..., Any], path: str) -> None:
    client = await start()
    asked = raw_http.request(path, raw_http.EVENT)
    async with raw_http.line(client) as (reader, writer):
        writer.write(asked)
        await raw_http.answer(reader)
        await client.server.reset(url_limit=len(path) - 1)
        writer.write(asked)
        assert (await raw_http.answer(reader))[0].startswith("HTTP/1.1 414 ")
    await client.server.reset(url_limit=1000)
    async with raw_http.line(client) as (reader, writer):
        writer.write(asked)
        await raw_http.answer(reader)
        await client.server.reset(idle_timeout_s=SHORT_S)
        writer.write(asked)
        await raw_http.answer(reader)
        assert await reader.read() == b""


async def test_a_history_that_takes_too_many_bytes_loses_its_oldest_and_says_so(
    start: Callable[..., Any],
) -> None:
    client = await start(history_bytes=50_000)
    first = await client.server.add_by_user(1, module_id="m", command="c")
    for _ in range(10):
        await client.server.add_by_user(1, module_id="m", command="c", params={"text": "x" * 10_000})
    assert await client.server.lost_through(1) >= first
    page = await client.subscribe(1, first, flags="verdict=true")
    verdict = (await page.event())["params"]
    assert verdict["through"] == await client.server.lost_through(1)
    assert (await page.event())["params"] == {"text": "x" * 10_000}
