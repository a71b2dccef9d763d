"""Damaged input over real sockets: answered as documented, and a good message after it is delivered."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.jsonrpc import ErrorCode
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
)
from tests.server.fuzzing import CASES, as_text, mutations
from tests.server.test_fuzz_protobuf import TOKENS
from tests.server.test_fuzz_queries import FORM_TOKENS, FORMS, QUERY_TOKENS
from tests.server.test_fuzz_text import JSON_TOKENS

# Each takes some milliseconds.
COUNT = max(20, CASES // 10)
# What one connection publishes here is far beyond what a page may.
BURST = 100 * COUNT
BINARY, JSON_RPC = "binaryMode=true", "jsonRpc=true"
KEY = "the key that portal and push server share"
DONE = (200, 204, 304)
REFUSED = (400, 403, 413, 429)
REFUSED_BATCH = range(4013, 4022)


def event(number: int) -> dict[str, Any]:
    return {"module_id": "test", "command": "good", "params": {"n": number}}


def batch(public_id: str, number: int) -> bytes:
    name, _, signature = public_id.partition(".")
    receiver = Channel(bytes.fromhex(name), signature=bytes.fromhex(signature))
    message = IncomingMessage((receiver,), body=json.dumps(event(number)))
    return encode(RequestBatch((Request(IncomingMessagesRequest((message,))),)))


def call(number: int, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "method": "publish", "id": number, "params": params})


async def public_id(client: Any, user: int) -> str:
    config = await client.config(bxpull_user=user)
    return str(config["channels"]["private"]["public_id"])


async def arrival(page: Any, number: int) -> None:
    """Wait until the good event of this number reaches a page, whatever comes before it."""
    while json.loads((await page.message()).body) != event(number):
        pass


async def test_a_good_batch_after_a_bad_one_is_published(start: Callable[..., Any]) -> None:
    client = await start(publish_burst=BURST)
    page, query = await client.subscribe(2, flags=BINARY), await client.query(1, flags=BINARY)
    receiver = await public_id(client, 2)
    publisher, refused = await client.open(query), 0
    for number, bad in enumerate(mutations([batch(receiver, -1)], TOKENS, COUNT)):
        waiting = asyncio.create_task(arrival(page, number))
        closing = asyncio.create_task(publisher.closed())
        with suppress(ConnectionClosed):
            await publisher.socket.send(bad)
            await publisher.socket.send(batch(receiver, number))
        await asyncio.wait({waiting, closing}, return_when=asyncio.FIRST_COMPLETED)
        if closing.done():
            code, sentence = closing.result()
            assert code in REFUSED_BATCH, bad
            assert sentence, bad
            refused += 1
            publisher = await client.open(query)
            await publisher.socket.send(batch(receiver, number))
        closing.cancel()
        await waiting
    assert refused


async def test_a_good_call_after_a_bad_one_is_answered_and_published(start: Callable[..., Any]) -> None:
    client = await start(server_version=5, publish_burst=BURST)
    page, publisher = await client.subscribe(2, flags=BINARY), await client.subscribe(1, flags=JSON_RPC)
    receiver = await public_id(client, 2)
    good = {"channelList": [receiver], "userList": [2], "body": event(-1), "expiry": 60}
    seeds = [
        call(-1, **good).encode(),
        b'[{"jsonrpc":"2.0","id":-2,"method":"getUsersLastSeen","params":{}}]',
    ]
    for number, bad in enumerate(mutations(seeds, JSON_TOKENS, COUNT)):
        await publisher.socket.send(as_text(bad))
        await publisher.socket.send(call(number, channelList=[receiver], body=event(number)))
        await arrival(page, number)
        while (answer := await publisher.answer()) is not None and not answered(answer, number):
            pass


def answered(answer: Any, number: int) -> bool:
    """Whether this is the answer to the good call; that to a bad one must be a result or a known error."""
    for item in answer if isinstance(answer, list) else [answer]:
        if "error" in item:
            assert item["error"]["code"] in set(ErrorCode) - {ErrorCode.INTERNAL_ERROR}
            assert item["error"]["message"]
        if item["id"] == number:
            assert set(item["result"]) == {"mid", "delivered"}
            return True
    return False


@pytest.mark.parametrize("version", [1, 4])
async def test_what_a_page_of_text_frames_sends_does_it_no_harm(
    start: Callable[..., Any], version: int
) -> None:
    client = await start(server_version=version)
    page = await client.subscribe(1)
    for number, bad in enumerate(mutations([b"ping", b'{"jsonrpc":"2.0"}'], JSON_TOKENS, COUNT)):
        await page.socket.send(as_text(bad))
        await client.server.add_by_user(1, module_id="test", command="good", params={"n": number})
        assert (await page.event())["params"] == {"n": number}


Send = Callable[[httpx.AsyncClient, bytes], Awaitable[httpx.Response]]
Good = Callable[[str, int], bytes]


def in_body(path: str) -> Send:
    return lambda http, body: http.post(path, content=body)


def in_signed_body(http: httpx.AsyncClient, body: bytes) -> Awaitable[httpx.Response]:
    query = {"hostId": "host", "signature": Signer(KEY).signature(body)}
    return http.post("/bitrix/api/", params=query, content=body)


def in_query(method: str, path: str, body: bytes = b"") -> Send:
    # What no URL may hold is percent-encoded, and cut, as HTTP libraries do.
    return lambda http, query: http.request(
        method, f"{path}?{quote(query[:8000], safe='%&=+/:;.[]')}", content=body or None
    )


def api_call(receiver: str, number: int) -> bytes:
    return call(number, channelList=[receiver], body=event(number)).encode()


PUBLISHING: dict[str, tuple[Send, Good, list[bytes]]] = {
    "pub": (in_body("/bitrix/pub/?binaryMode=true"), batch, TOKENS),
    "pubweb": (in_body("/bitrix/pubweb/"), batch, TOKENS),
    "api": (in_signed_body, api_call, JSON_TOKENS),
}


@pytest.mark.parametrize("name", PUBLISHING)
async def test_a_good_post_after_a_bad_one_is_published(start: Callable[..., Any], name: str) -> None:
    send, good, tokens = PUBLISHING[name]
    client = await start(signature_key=KEY, publish_burst=BURST)
    page, receiver = await client.subscribe(2, flags=BINARY), await public_id(client, 2)
    refused = 0
    for number, bad in enumerate(mutations([good(receiver, -1)], tokens, COUNT)):
        refused += not accepted(await send(client.http, bad))
        assert accepted(await send(client.http, good(receiver, number)))
        await arrival(page, number)
    assert refused


async def test_a_good_event_posted_after_a_bad_one_is_published(start: Callable[..., Any]) -> None:
    client = await start(signature_key=KEY, publish_burst=BURST)
    page, channel = await client.subscribe(2, flags=BINARY), (await client.config(bxpull_user=2))["channels"]
    path = f"/bitrix/pub/?CHANNEL_ID={quote(channel['private']['id'], safe='')}"
    for number, bad in enumerate(mutations([json.dumps(event(-1)).encode()], JSON_TOKENS, COUNT)):
        accepted(await client.http.post(path, content=bad))
        assert accepted(await client.http.post(path, json=event(number)))
        await arrival(page, number)


@pytest.mark.parametrize("flags", ["", BINARY, JSON_RPC])
async def test_a_good_poll_after_a_bad_one_is_answered(start: Callable[..., Any], flags: str) -> None:
    client = await start(server_version=5, poll_timeout_s=0.001, connections_per_user=10 * COUNT)
    query = (await client.query(1, mid="1" * 26, flags=flags)).encode()
    poll = in_query("GET", "/bitrix/sub/")
    refused = 0
    for bad in mutations([query], QUERY_TOKENS, COUNT):
        refused += not accepted(await poll(client.http, bad))
        assert accepted(await poll(client.http, query))
    assert refused


@pytest.mark.parametrize("method", ["pull.config.get", "pull.watch.extend", "pull.channel.public.list"])
async def test_a_good_rest_call_after_a_bad_one_is_answered(client: Any, method: str) -> None:
    path = f"/rest/{method}.json"
    for bad in mutations(FORMS, FORM_TOKENS, COUNT):
        answer = await client.http.post(path, content=bad, headers=FORM)
        assert answer.status_code in (*DONE, *REFUSED, 401), bad
        assert set(answer.json()) & {"result", "error"}
        good = await client.http.post(path, content=FORMS[0], headers=FORM)
        assert good.status_code == 200, good.text


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def accepted(answer: httpx.Response) -> bool:
    """Whether a request was done; if it was not, it was refused as documented, with a sentence."""
    assert answer.status_code in (*DONE, *REFUSED), answer.text
    assert answer.status_code in DONE or answer.text.strip()
    return answer.status_code in DONE
