"""HTTP and handshakes as bytes, for what no client would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

# A back end's event, and its ways to the server.
A = "a" * 32
PUB = f"/bitrix/pub/?CHANNEL_ID={A}"
EVENT = b'{"module_id":"main","command":"check","params":{"a":1},"extra":{}}'
CALL = b'{"jsonrpc":"2.0","method":"publish","params":{"channelList":["%s"],"body":%s},"id":7}'
API = CALL % (A.encode(), EVENT)


def get(path: str, *lines: str) -> str:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: localhost", *lines, "", ""))


def handshake(query: str) -> str:
    return get(
        f"/bitrix/subws/?{query}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )


def request(target: str, body: bytes, *lines: str, host: str = "localhost") -> bytes:
    head = (f"POST {target} HTTP/1.1", f"Host: {host}", *lines, f"Content-Length: {len(body)}")
    return "\r\n".join((*head, "", "")).encode() + body


async def answer(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """Status line, headers and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return head[0], headers, await reader.readexactly(int(headers.get("content-length", 0)))


@asynccontextmanager
async def line(client: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()
