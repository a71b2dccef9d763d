"""bxpull_server.web.upstream: what pages send over their sockets."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from bxpull_server.journal import SocketBytes, SocketText
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.protobuf.coding import decode, encode
from bxpull_server.protocol.protobuf.schema import (
    Channel,
    IncomingMessage,
    IncomingMessagesRequest,
    Request,
    RequestBatch,
    ServerStatsRequest,
)
from bxpull_server.web.upstream import Upstream
from bxpull_server.web.websocket_protocol import SubscriberProtocol

A, B = "a" * 32, "b" * 32
BINARY, JSON_RPC = "binaryMode=true", "jsonRpc=true"
# What a shipped client sent for sendMessageBatch of two messages to one user; the signature is another key's.
SHIPPED = bytes.fromhex(
    "0ac1010abe010a5d0a280a10c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a2f7b22"
    "6d6f64756c655f6964223a2274657374222c22636f6d6d616e64223a226231222c22706172616d73223a7b7d7d20000a5d0a280a10"
    "c64487572ffb2a7da19d5c72edaa57d11a14c021c5b9b748aa313aa03fda120b482cedb9d0b21a2f7b226d6f64756c655f6964223a"
    "2274657374222c22636f6d6d616e64223a226232222c22706172616d73223a7b7d7d2000"
)


def public(config: dict[str, Any]) -> Channel:
    channel, _, signature = config["channels"]["private"]["public_id"].partition(".")
    return Channel(bytes.fromhex(channel), signature=bytes.fromhex(signature))


def publish(*receivers: Channel, **params: Any) -> bytes:
    body = json.dumps({"module_id": "m", "command": "hello", "params": params})
    return encode(RequestBatch((Request(IncomingMessagesRequest((IncomingMessage(receivers, body=body),))),)))


async def test_a_page_publishes_to_itself_and_others_under_their_public_ids(client: Any) -> None:
    one = await client.subscribe(1, flags=BINARY)
    text, two = await client.subscribe(2), await client.subscribe(2, flags=BINARY)
    receivers = [public(await client.config(bxpull_user=user)) for user in (1, 2)]
    await one.socket.send(publish(*receivers, n=1))
    for page in (one, two):
        message = await page.message()
        assert json.loads(message.body) == {"module_id": "m", "command": "hello", "params": {"n": 1}}
        assert message.sender is not None
        assert message.sender.type is Sender.CLIENT
    assert (await text.event())["params"] == {"n": 1}
    assert SocketBytes(1, publish(*receivers, n=1)) in client.server.requests


async def test_a_shipped_clients_batch_is_published_in_order(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k")
    (request,) = decode(RequestBatch, SHIPPED).requests
    assert request.incoming_messages is not None
    own = request.incoming_messages.messages[0].receivers[0].id.hex()
    signer = Signer("k")
    page = await client.open(f"CHANNEL_ID={signer.sign(f'{A}:{own}')}&{BINARY}")
    theirs = request.incoming_messages.messages[0].receivers[0].signature
    ours = bytes.fromhex(signer.signature(f"public:{own}"))
    await page.socket.send(SHIPPED.replace(theirs, ours))
    assert [json.loads((await page.message()).body)["command"] for _ in range(2)] == ["b1", "b2"]
    await page.socket.send(SHIPPED)
    code, sentence = await page.closed()
    assert (code, "has a wrong signature" in sentence) == (4021, True)


async def test_a_public_id_of_a_channel_that_was_replaced_still_leads_to_its_owner(client: Any) -> None:
    one = await client.subscribe(1, flags=BINARY)
    receiver = public(await client.config(bxpull_user=2))
    late = await client.subscribe(2, flags=BINARY)
    await client.server.expire_channel(2)
    two = await client.subscribe(2, flags=BINARY)
    await one.socket.send(publish(receiver, n=1))
    assert json.loads((await two.message()).body)["params"] == {"n": 1}
    assert json.loads((await late.message()).body)["command"] == "channel_expire"
    assert json.loads((await late.message()).body)["params"] == {"n": 1}


async def test_what_was_published_to_a_public_id_is_resumed(client: Any) -> None:
    one, two = await client.subscribe(1, flags=BINARY), await client.subscribe(2, flags=BINARY)
    receiver = public(await client.config(bxpull_user=2))
    before = await client.server.add_by_user(2, module_id="m", command="c")
    assert (await two.message()).id.hex() == before
    await two.socket.close()
    await client.server.wait_disconnected(2)
    await one.socket.send(publish(receiver, n=1))
    await one.socket.send(publish(public(await client.config()), n=2))
    assert json.loads((await one.message()).body)["params"] == {"n": 2}
    await client.server.expire_channel(2)
    again = await client.subscribe(2, mid=before, flags=BINARY)
    assert json.loads((await again.message()).body)["params"] == {"n": 1}


OWN = Channel(bytes(16))
STATISTICS = encode(RequestBatch((Request(server_stats=ServerStatsRequest()),)))


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"\x0a\x05", 4013, "cut off"),
        (b"\xff", 4013, "cut off"),
        (STATISTICS, 4014, "statistics are for back ends"),
        (b"", 4015, "no command"),
        (
            encode(RequestBatch((Request(IncomingMessagesRequest((IncomingMessage((OWN,)),) * 101)),))),
            4016,
            "101",
        ),
        (publish(), 4017, "no receivers"),
        (publish(*(Channel(number.to_bytes(16)) for number in range(101))), 4018, "101 channels"),
        (publish(Channel(b"short")), 4019, "no channel id"),
        (publish(Channel(bytes(16), is_private=True)), 4020, "no public id"),
        (publish(OWN), 4021, "no signature"),
    ],
)
async def test_a_refused_publish_closes_the_socket_with_its_code_and_publishes_nothing(
    client: Any, data: bytes, code: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = await client.subscribe(1, flags=BINARY)
    await page.socket.send(data)
    closed, sentence = await page.closed()
    assert closed == code
    assert reason in sentence
    assert "connection 1 may not publish this" in caplog.text
    assert client.server._hub.published == 0


async def test_one_bad_receiver_refuses_the_good_ones_too(client: Any) -> None:
    page = await client.subscribe(1, flags=BINARY)
    await page.socket.send(publish(public(await client.config()), OWN))
    assert (await page.closed())[0] == 4021
    assert client.server._hub.published == 0


async def test_a_private_id_is_refused_even_where_nothing_is_signed(start: Callable[..., Any]) -> None:
    client = await start(signature_key="")
    page = await client.subscribe(1, flags=BINARY)
    other = (await client.config(bxpull_user=2))["channels"]["private"]["id"].partition(":")[0]
    await page.socket.send(publish(Channel(bytes.fromhex(other))))
    assert (await page.closed())[0] == 4020


async def test_a_subscriber_without_a_public_id_may_not_publish(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k")
    page = await client.open(f"CHANNEL_ID={Signer('k').sign(A)}&{BINARY}")
    await page.socket.send(publish(OWN))
    code, sentence = await page.closed()
    assert (code, sentence) == (4012, "this subscriber has no public id, so it may not publish")


async def test_versions_one_to_three_know_no_way_upstream(start: Callable[..., Any]) -> None:
    client = await start(server_version=3)
    page = await client.subscribe(1)
    await page.socket.send(b"\x0a\x05")
    await page.socket.send('{"jsonrpc":"2.0","method":"ping","id":1}')
    await client.server.wait_request(lambda entry: isinstance(entry, SocketText))
    assert SocketBytes(1, b"\x0a\x05") in client.server.requests
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_a_frame_of_more_than_a_mebibyte_closes_the_socket(client: Any) -> None:
    page = await client.subscribe(1, flags=BINARY)
    await page.socket.send(b"x" * (1024 * 1024 + 1))
    assert (await page.closed())[0] == 1009


async def test_acknowledgements_and_pongs_are_taken_without_an_answer(start: Callable[..., Any]) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(1, flags=JSON_RPC)
    mid = await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.incoming())["mid"] == mid
    await page.socket.send(f"mack:{mid}")
    await page.socket.send("pong")
    assert await page.call("ping") == "pong"
    (connection,) = client.server._hub.connections
    assert connection.acknowledged == mid
    assert [entry.text for entry in client.server.requests if isinstance(entry, SocketText)][:2] == [
        f"mack:{mid}",
        "pong",
    ]


@pytest.mark.parametrize("size", [1, 7, 500])
async def test_receipts_and_calls_are_taken_in_order_however_they_are_cut(
    start: Callable[..., Any], size: int
) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(1, flags=JSON_RPC)
    mids = [await client.server.add_by_user(1, module_id="m", command="c") for _ in range(3)]
    for mid in mids:
        assert (await page.incoming())["mid"] == mid
    calls = [json.dumps({"jsonrpc": "2.0", "method": "ping", "id": number}) for number in (1, 2)]
    texts = [f"mack:{mids[0]}", "pong", calls[0], f"mack:{mids[1]}", calls[1], f"mack:{mids[2]}", "pong"]
    data = b"".join(Frame(Opcode.TEXT, text.encode()).serialize(mask=True) for text in texts)
    for begin in range(0, len(data), size):
        page.socket.transport.write(data[begin : begin + size])
    assert [(await page.answer())["id"] for _ in calls] == [1, 2]
    assert await page.call("ping") == "pong"
    (connection,) = client.server._hub.connections
    assert connection.acknowledged == mids[2]
    came = [entry.text for entry in client.server.requests if isinstance(entry, SocketText)]
    assert came[: len(texts)] == texts
    assert connection.received == len(texts) + 1


@pytest.mark.parametrize(("flags", "parsed"), [(JSON_RPC, 1), ("", 3), (BINARY, 3)])
async def test_receipts_of_json_rpc_do_not_reach_the_parser(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, flags: str, parsed: int
) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(1, flags=flags)
    handle, seen = SubscriberProtocol.handle_text, []

    def handle_text(self: SubscriberProtocol, event: Frame) -> None:
        seen.append(bytes(event.data))
        handle(self, event)

    monkeypatch.setattr(SubscriberProtocol, "handle_text", handle_text)
    for text in ("pong", f"mack:{'1' * 26}", "the last one"):
        await page.socket.send(text)
    await client.server.wait_request(lambda entry: entry == SocketText(1, "the last one"))
    assert len(seen) == parsed
    assert [entry.text for entry in client.server.requests if isinstance(entry, SocketText)] == [
        "pong",
        f"mack:{'1' * 26}",
        "the last one",
    ]


async def test_a_receipt_waits_for_what_came_before_it(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(1, flags=JSON_RPC)
    take, begun, go_on = Upstream.text, asyncio.Event(), asyncio.Event()

    async def text(self: Upstream, text: str) -> None:
        begun.set()
        await go_on.wait()
        await take(self, text)

    monkeypatch.setattr(Upstream, "text", text)
    call = json.dumps({"jsonrpc": "2.0", "method": "ping", "id": 1})
    await page.socket.send(call)
    await begun.wait()
    (connection,) = client.server._hub.connections
    await page.socket.send(f"mack:{'1' * 26}")
    other = await client.subscribe(2)
    await other.socket.send("the server has read both")
    await client.server.wait_request(lambda entry: entry == SocketText(2, "the server has read both"))
    assert (connection.received, connection.acknowledged) == (0, None)
    go_on.set()
    assert (await page.answer())["id"] == 1
    await client.server.wait_request(lambda entry: entry == SocketText(1, f"mack:{'1' * 26}"))
    assert [entry.text for entry in client.server.requests if isinstance(entry, SocketText)] == [
        call,
        "the server has read both",
        f"mack:{'1' * 26}",
    ]


async def test_a_receipt_over_the_message_limit_closes_the_connection(start: Callable[..., Any]) -> None:
    client = await start(server_version=5, message_limit=30)
    page = await client.subscribe(1, flags=JSON_RPC)
    await page.socket.send(f"mack:{'1' * 26}")
    assert (await page.closed())[0] == 1009


async def test_other_texts_get_a_parse_error_and_the_connection_stays(start: Callable[..., Any]) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(1, flags=JSON_RPC)
    await page.socket.send("mack:nonsense")
    assert (await page.answer()) == {
        "jsonrpc": "2.0",
        "error": {"code": -32700, "message": "the request is not JSON"},
        "id": None,
    }
    assert await page.call("ping") == "pong"


async def test_a_connection_that_is_being_closed_takes_nothing_more(client: Any) -> None:
    page = await client.subscribe(1, flags=BINARY)
    good = publish(public(await client.config()))
    await page.socket.send(b"\xff")
    await page.socket.send(good)
    assert (await page.closed())[0] == 4013
    assert client.server._hub.published == 0
