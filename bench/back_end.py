"""A back end that publishes over HTTP, as PHP does: one event a request, over a connection kept open."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

KEY = "bench"
EXPIRY_S = 3600


def composer(version: int, user: int, channel: str) -> Callable[[dict[str, Any]], bytes]:
    """Makes of an event the HTTP request that publishes it to one user.

    Args:
        version: Of the push server: text up to 3, protobuf in 4, JSON-RPC in 5.
        user: Whom version 5 names.
        channel: The user's private channel, 32 hex digits, which the others name.
    """

    def text(event: dict[str, Any]) -> bytes:
        head = f"Message-Expiry: {EXPIRY_S}\r\n"
        return _post(f"/bitrix/pub/?CHANNEL_ID={channel}", json.dumps(event).encode(), head)

    def protobuf(event: dict[str, Any]) -> bytes:
        receiver = Channel(id=bytes.fromhex(channel), is_private=True)
        message = IncomingMessage(receivers=(receiver,), body=json.dumps(event), expiry=EXPIRY_S)
        request = Request(incoming_messages=IncomingMessagesRequest(messages=(message,)))
        return _post("/bitrix/pub/?binaryMode=true", encode(RequestBatch(requests=(request,))))

    def json_rpc(event: dict[str, Any]) -> bytes:
        params = {"userList": [user], "channelList": [], "body": event, "expiry": EXPIRY_S}
        call = {"jsonrpc": "2.0", "method": "publish", "params": params, "id": 1}
        body = json.dumps([call]).encode()
        signature = hmac.new(KEY.encode(), body, hashlib.sha1).hexdigest()
        return _post(f"/bitrix/api/?hostId=bench&signature={signature}", body)

    return {4: protobuf, 5: json_rpc}.get(version, text)


def _post(path: str, body: bytes, head: str = "") -> bytes:
    lines = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return lines.encode() + body


class BackEnd:
    """Sends requests over one connection in the order in which it is asked to, one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, request: bytes) -> None:
        """Returns when it is answered.

        Raises:
            RuntimeError: It was refused.
        """
        async with self._turn:
            self._writer.write(request)
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            content = await self._reader.readexactly(length)
        if b" 200 " not in head.split(b"\r\n", 1)[0] or b'"error"' in content:
            raise RuntimeError(
                f"the server refused an event: {head.split(maxsplit=2)[1]!r} {content[:200]!r}"
            )
