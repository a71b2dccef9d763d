"""Damaged bytes straight to the line: heads, bodies, WebSocket frames and tokens, over real sockets.

Whatever comes, the answer is one that is documented, nothing of it is a defect in the log, memory stays
what it was, and a good message afterwards is delivered.
"""

import asyncio
import gc
import json
import re
import struct
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import connect

from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)
from tests.server.fuzzing import CASES, mutations
from tests.server.test_fuzz_protobuf import TOKENS
from tests.server.test_fuzz_queries import QUERY_TOKENS
from tests.server.test_fuzz_text import JSON_TOKENS

COUNT = max(20, CASES // 50)
AT_ONCE = 20
SHORT_S = 0.5
# A peer that sent half a frame is waited for: nothing more will come.
PATIENCE_S = 1.0
FLAGS = ("", "binaryMode=true", "jsonRpc=true")
# 100 and 101 go on; what else there is, docs/server.md names.
STATUSES = {
    *(100, 101, 200, 204, 206, 304, 307, 400, 401, 403, 404),
    *(405, 408, 413, 414, 415, 416, 426, 429, 431),
}
CODES = {1000, 1001, 1002, 1005, 1007, 1008, 1009, 1013, *range(4010, 4022)}
GROWTH = 4 * 1024 * 1024
EVENT = {"module_id": "m", "command": "c", "params": {"a": "ж"}}
HTTP_TOKENS = [
    *(
        b"\r\n",
        b"\r\n\r\n",
        b" ",
        b": ",
        b"HTTP/1.1",
        b"HTTP/1.0",
        b"HTTP/9.9",
        b"GET ",
        b"POST ",
        b"OPTIONS ",
    ),
    *(b"\r\nContent-Length: 0", b"\r\nContent-Length: 99999999999999999999", b"\r\nContent-Length: -1"),
    *(
        b"\r\nTransfer-Encoding: chunked",
        b"\r\nExpect: 100-continue",
        b"\r\nConnection: Upgrade",
        b"\r\nUpgrade: h2c",
    ),
    *(
        b"\r\nUpgrade: websocket",
        b"\r\nContent-Encoding: gzip",
        b"\r\nHost: evil.example",
        b"\r\nOrigin: null",
    ),
    *(
        b"\r\nReferer: http://[",
        b"\r\nCookie: bxpull_user=\xff",
        b"\r\nRange: bytes=0-0,-1",
        b"\r\nMessage-Expiry: \xb2",
    ),
    *(
        b"\r\nAuthorization: Bearer \xe9",
        b"\0",
        b"//",
        b"/..",
        b"%",
        b"?",
        b"#",
        b"*",
        b"\x7f",
        b"a" * 40_000,
    ),
]
FRAME_TOKENS = [
    *(
        b"\x81\x80",
        b"\x82\xff",
        b"\x80\x80",
        b"\x88\x82",
        b"\x89\xfe",
        b"\xc1\x80",
        b"\x81\x00",
        b"\x00\x00\x00\x00",
    ),
    *(b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"\x83\x80", b"\x8f\x80"),
]


def frame(data: bytes, opcode: int, *, final: bool = True) -> bytes:
    """A frame as a client sends it; the mask of zeros leaves it as it is."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes([(0x80 if final else 0) | opcode]) + length + bytes(4) + data


def request(method: str, path: str, body: bytes = b"", *lines: str) -> bytes:
    head = (f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *lines, "", "")
    return "\r\n".join(head).encode() + body


def handshake(query: str) -> bytes:
    lines = ("GET /bitrix/subws/?" + query + " HTTP/1.1", "Host: localhost", "Connection: Upgrade")
    key = ("Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13")
    return "\r\n".join((*lines, *key, "", "")).encode()


def batch(public_id: str) -> bytes:
    name, _, signature = public_id.partition(".")
    receiver = Channel(bytes.fromhex(name), signature=bytes.fromhex(signature))
    message = IncomingMessage((receiver,), body=json.dumps(EVENT))
    return encode(RequestBatch((Request(IncomingMessagesRequest((message,))),)))


@pytest.fixture
async def target(
    start: Callable[..., Any], tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Any]:
    """A server that is impatient; afterwards its log tells of no defect."""
    (tmp_path / "index.html").write_text("<h1>home</h1>")
    client = await start(
        server_version=5,
        static=tmp_path,
        poll_timeout_s=0.001,
        head_timeout_s=SHORT_S,
        body_timeout_s=SHORT_S,
        idle_timeout_s=SHORT_S,
        publish_burst=10 * COUNT,
        connections_per_user=10 * COUNT,
        history_limit=10,
    )
    client.http.headers["Connection"] = "close"  # the server does not wait long for a second request
    yield client
    bad = [
        r
        for r in caplog.records
        if r.name.startswith(("bxpull", "uvicorn", "asyncio")) and r.levelname == "ERROR"
    ]
    assert not bad, [(r.getMessage(), r.exc_text) for r in bad]


async def said(client: Any, data: bytes, opening: bytes = b"") -> bytes:
    """What the server answers until it ends the connection, or has nothing more to say to a sound handshake.

    Args:
        client: Where to.
        data: What to send.
        opening: A sound handshake to send before it.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    answer = b""
    try:
        if opening:
            writer.write(opening)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        writer.write(data)
        with suppress(ConnectionResetError, BrokenPipeError, TimeoutError):
            while part := await asyncio.wait_for(reader.read(65_536), PATIENCE_S):
                answer += part
        return answer
    finally:
        writer.close()


async def good(client: Any) -> None:
    """A good message is delivered."""
    page = await client.subscribe(7, flags="binaryMode=true")
    await client.server.add_by_user(7, module_id="m", command="good")
    assert json.loads((await page.message()).body)["command"] == "good"
    await page.socket.close()
    await client.server.wait_disconnected(7)


async def stays_flat(client: Any, cases: Iterator[bytes], one: Callable[[bytes], Any]) -> None:
    """Try all cases, some at once; memory after the second half is that after the first."""
    tracemalloc.start()
    try:
        sizes = []
        groups = list(iter(lambda: list(islice(cases, AT_ONCE)), []))
        for number, group in enumerate(groups, 1):
            await asyncio.gather(*map(one, group))
            if number in (len(groups) // 2, len(groups)):
                await good(client)
                client.server._services.journal.clear()
                await client.server.evict_history()
                gc.collect()
                sizes.append(tracemalloc.get_traced_memory()[0])
        assert sizes[-1] - sizes[0] < GROWTH, sizes
    finally:
        tracemalloc.stop()


async def requests(client: Any) -> list[bytes]:
    """A sound request for every entry."""
    channels = (await client.config())["channels"]["private"]
    channel = f"CHANNEL_ID={quote(channels['id'], safe='')}"
    as_json = ("Content-Type: application/json",)
    form = ("Content-Type: application/x-www-form-urlencoded", "Cookie: bxpull_user=3")
    call = {"jsonrpc": "2.0", "method": "publish", "id": 1, "params": {"userList": [1], "body": EVENT}}
    return [
        request("POST", "/rest/pull.config.get.json?bxpull_user=2", b"CACHE=N&sessid=1", *form),
        request("POST", "/rest/pull.watch.extend.json", b"TAGS[]=a&TAGS[1]=b", *form),
        request(
            "GET",
            f"/bitrix/sub/?{channel}&mid={'1' * 26}&binaryMode=true",
            b"",
            "Origin: http://localhost:3000",
        ),
        request("POST", f"/bitrix/pub/?{channel}", json.dumps(EVENT).encode(), "Message-Expiry: 5"),
        request("POST", "/bitrix/pub/?binaryMode=true", batch(channels["public_id"])),
        request("POST", "/bitrix/pubweb/", batch(channels["public_id"])),
        request("POST", "/bitrix/api/?hostId=h&signature=abc", json.dumps(call).encode()),
        request("POST", "/control/send", b'{"user":1,"module":"m","command":"c"}', *as_json),
        request("POST", "/control/user", b'{"user":8,"server_version":4}', *as_json),
        request("GET", "/control/state", b"", "Authorization: Bearer x"),
        request("GET", "/index.html?x=%2e", b"", "Range: bytes=0-3", "If-None-Match: x"),
        request("OPTIONS", "/rest/x", b"", "Origin: http://localhost", "Access-Control-Request-Method: POST"),
        handshake(f"{channel}&jsonRpc=true"),
    ]


async def test_any_bytes_to_the_line_are_answered_as_documented(target: Any) -> None:
    async def one(data: bytes) -> None:
        answer = await said(target, data)
        for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer):
            assert int(status) in STATUSES, (data, answer)
        assert b"Traceback" not in answer, data

    seeds = await requests(target)
    for seed in seeds:
        assert re.match(rb"HTTP/1\.1 [1-4]", await said(target, seed)), seed
    tokens = [*HTTP_TOKENS, *QUERY_TOKENS, *JSON_TOKENS]
    await stays_flat(target, mutations(seeds, tokens, COUNT), one)


def close_codes(answer: bytes) -> list[int]:
    """The codes of the close frames."""
    codes, rest = [], answer
    while len(rest) >= 2:
        size, skip = rest[1], 2
        if size == 126:
            size, skip = int.from_bytes(rest[2:4]), 4
        elif size == 127:
            size, skip = int.from_bytes(rest[2:10]), 10
        if rest[0] & 0xF == 8:
            codes.append(int.from_bytes(rest[skip : skip + 2]) or 1005)
        rest = rest[skip + size :]
    return codes


@pytest.mark.parametrize("flags", FLAGS)
async def test_any_bytes_as_frames_close_the_socket_as_documented(target: Any, flags: str) -> None:
    config = await target.config()
    channels = config["channels"]["private"]
    opening = handshake("&".join(filter(None, (f"CHANNEL_ID={quote(channels['id'], safe='')}", flags))))
    call = json.dumps({"jsonrpc": "2.0", "method": "ping", "id": 1, "params": {}}).encode()
    data = batch(channels["public_id"])
    seeds = [
        frame(call, 1) + frame(b"hi", 9) + frame(call, 1),
        frame(call[:9], 1, final=False) + frame(call[9:], 0),
        frame(data, 2) + frame(b"\x03\xe8bye", 8),
        frame("mack:1ж".encode(), 1) + frame(b"", 10),
        frame(b"\xff\xfe", 1),
    ]
    seen: set[int] = set()

    async def one(bad: bytes) -> None:
        answer = await said(target, bad + frame(b"\x03\xe8", 8), opening)
        codes = set(close_codes(answer))
        assert codes <= CODES, (bad, answer)
        seen.update(codes)

    await stays_flat(target, mutations(seeds, [*FRAME_TOKENS, *TOKENS, *JSON_TOKENS], COUNT), one)
    assert 1002 in seen


async def test_text_that_is_not_utf_8_closes_the_socket(target: Any) -> None:
    channel = quote((await target.config())["channels"]["private"]["id"], safe="")
    for parts in ([frame(b"\xff", 1)], [frame(b"\xd0", 1, final=False), frame(b"\xff", 0)]):
        answer = await said(target, b"".join(parts), handshake(f"CHANNEL_ID={channel}"))
        assert close_codes(answer) == [1007]
        assert b"UTF-8" in answer


async def test_no_damaged_token_opens_anything_else(target: Any) -> None:
    sound = (await target.config())["jwt"]
    path = "/bitrix/sub/?token="

    async def one(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        query = quote(text[:3000], safe="")
        answer = await target.http.get(f"{path}{query}&jsonRpc=true")
        assert answer.status_code in (304, 400, 403), (data, answer.text)
        if answer.status_code == 304:  # padded in another way, for example: its claims are the same
            assert text.rpartition(".")[0] == sound.rpartition(".")[0]
            return
        url = f"ws://127.0.0.1:{target.server.port}/bitrix/subws/?token={query}"
        async with connect(url, proxy=None) as socket:
            await socket.wait_closed()
            assert socket.close_code == 4010, data

    tokens = [b".", b"=", b"eyJhbGciOiJub25lIn0", b"eyJhbGciOiJSUzI1NiJ9", b"eyJ0eXAiOiJKV1QifQ", b"e30"]
    await stays_flat(target, mutations([sound.encode()], tokens, COUNT), one)
