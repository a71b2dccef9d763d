"""bxpull_server.web.websocket_protocol: ends of connections that meet what is being sent."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

from bxpull_server import AsyncPushServer
from bxpull_server.batch import Batch
from bxpull_server.protocol.messages import Message
from bxpull_server.server import new_event_loop
from bxpull_server.web.websocket_protocol import SubscriberProtocol
from tests.server.noting import Written
from tests.server.raw_http import answer, handshake, line


@pytest.mark.parametrize("ending", [b"\x88\x80abcd", b"\x83\x80abcd"], ids=["a close frame", "no frame"])
async def test_an_event_that_meets_the_end_of_a_connection_is_no_defect(
    client: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, ending: bytes
) -> None:
    page = await client.subscribe(1)
    (connection,) = client.server._services.hub.of_user(1)
    handle = SubscriberProtocol.data_received

    def data_received(protocol: SubscriberProtocol, data: bytes) -> None:
        connection.push_raw("under way")  # taken by the writer before the reader hears of the end
        handle(protocol, data)

    monkeypatch.setattr(SubscriberProtocol, "data_received", data_received)
    page.socket.transport.write(ending)
    await client.server.wait_disconnected(1)
    await client.subscribe(1)
    assert "Traceback" not in caplog.text
    assert "Exception" not in caplog.text


async def test_what_nobody_takes_does_not_hide_the_goodbye_behind_it(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, heard = SubscriberProtocol.connection_lost, list[bool]()

    def connection_lost(protocol: SubscriberProtocol, error: Exception | None) -> None:
        heard.append(protocol.conn.close_rcvd is not None)
        lost(protocol, error)

    monkeypatch.setattr(SubscriberProtocol, "connection_lost", connection_lost)
    async with line(client) as (reader, writer):
        writer.write(handshake("CHANNEL_ID=nonsense").encode())
        await reader.readuntil(b"\r\n\r\n\x88")
        writer.write(b"\x82\xfe\x75\x30mask" + bytes(30_000) + b"\x88\x80mask")
        await client.server._listener._connections.gone.until(lambda: bool(heard), 30, lambda: "open")
    assert heard == [True]


async def meets(
    client: Any, monkeypatch: pytest.MonkeyPatch, end: Callable[[SubscriberProtocol], None]
) -> None:
    """A handshake whose connection ends when the server is about to answer it."""
    send = SubscriberProtocol.send

    async def late(protocol: SubscriberProtocol, message: Any) -> None:
        if not protocol.handshake_complete:
            end(protocol)
        await send(protocol, message)

    monkeypatch.setattr(SubscriberProtocol, "send", late)
    with pytest.raises(InvalidHandshake):
        await client.open("CHANNEL_ID=refused")
    monkeypatch.undo()
    await client.subscribe(1)


@pytest.mark.parametrize(
    "end",
    [SubscriberProtocol.shutdown, lambda protocol: protocol.transport.abort()],
    ids=["the server stops", "the peer leaves"],
)
async def test_a_handshake_that_meets_the_end_is_no_defect(
    client: Any,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[SubscriberProtocol], None],
) -> None:
    await meets(client, monkeypatch, end)
    for word in ("Traceback", "Exception", "handshake"):
        assert word not in caplog.text


async def test_what_is_no_frame_is_refused_before_the_handshake_is_answered(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await client.server.faults.add("slow_accept", seconds=60)
    async with line(client) as (reader, writer):
        writer.write(handshake("CHANNEL_ID=x").encode())
        await client.server.faults.wait_struck(1)
        writer.write(b"\xff" * 10)
        assert (await answer(reader))[0] == "HTTP/1.1 400 Bad Request"
    assert "Error" not in caplog.text


async def test_a_peer_that_sends_far_too_much_is_told_why_it_is_closed(client: Any) -> None:
    much = 2**24
    async with line(client) as (reader, writer):
        writer.write(handshake(await client.query(1)).encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x82\xff" + much.to_bytes(8, "big") + bytes(4 + much))
        await writer.drain()
        told = await reader.read()
    assert told[2:4] == (1009).to_bytes(2, "big")
    assert b"message_limit" in told


ENDS: dict[str, Callable[[Any], None]] = {
    "is gone": lambda socket: socket.transport.abort(),
    "is closed by its peer": lambda socket: socket.transport.write(b"\x88\x80abcd"),
    "is closed for what its peer sent": lambda socket: socket.transport.write(b"\x83\x80abcd"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_an_event_for_a_line_that_ends_is_not_written_to_it(
    monkeypatch: pytest.MonkeyPatch, end: Callable[[Any], None]
) -> None:
    handle, lost = SubscriberProtocol.data_received, SubscriberProtocol.connection_lost
    receive = SubscriberProtocol.receive
    connections: list[Any] = []
    written: list[Written] = []
    errors: list[Exception] = []

    async def run() -> None:
        gone = asyncio.Event()

        def deliver() -> None:
            for connection in connections:
                try:
                    connection.deliver(Batch([Message("9" * 26, "a" * 32, "{}", 0)]))
                except RuntimeError as error:
                    errors.append(error)

        def data_received(protocol: SubscriberProtocol, data: bytes) -> None:
            handle(protocol, data)
            deliver()

        def connection_lost(protocol: SubscriberProtocol, error: Exception | None) -> None:
            lost(protocol, error)
            loop = asyncio.get_running_loop()
            loop.call_soon(deliver)  # when its transport is closed, not only closing
            loop.call_soon(gone.set)

        async def receive_late(protocol: SubscriberProtocol) -> Any:
            message = await receive(protocol)
            if connections:
                await gone.wait()  # its session has something else to do
            return message

        monkeypatch.setattr(SubscriberProtocol, "data_received", data_received)
        monkeypatch.setattr(SubscriberProtocol, "connection_lost", connection_lost)
        monkeypatch.setattr(SubscriberProtocol, "receive", receive_late)
        async with (
            AsyncPushServer(signature_key="") as server,
            connect(f"ws://127.0.0.1:{server.port}/bitrix/subws/?CHANNEL_ID={'a' * 32}") as socket,
        ):
            await server.wait_connected(0)
            connections.extend(server._services.hub.connections)
            written.extend(map(Written, connections))
            end(socket)
            await gone.wait()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:  # asyncio's own takes what it cannot send
        runner.run(run())
    assert (written, errors) == ([[]], [])


async def test_a_subscriber_who_goes_leaves_nothing_for_the_collector(client: Any) -> None:
    page = await client.subscribe(1)
    (protocol,) = (one for one in client.server._listener._connections if isinstance(one, SubscriberProtocol))
    gone = asyncio.Event()
    weakref.finalize(protocol, gone.set)
    del protocol
    gc.collect()
    gc.disable()
    try:
        await page.socket.close()
        await asyncio.wait_for(gone.wait(), 10)
    finally:
        gc.enable()
