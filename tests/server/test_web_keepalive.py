"""bxpull_server.web.keepalive and heartbeat: what is said on lines that bring nothing."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.waiting import Pulse
from bxpull_server.web.websocket_protocol import SubscriberProtocol
from tests.server.raw_http import handshake, line

PING, PONG = b"\x89\x00", b"\x8a\x80mask"
HEARTBEAT = b"\x81\x04ping"
# "pong", with a mask that changes nothing.
HEARTBEAT_ANSWER = b"\x81\x84" + bytes(4) + b"pong"
GIVEN_UP = b"\x88\x18" + (1011).to_bytes(2, "big") + b"keepalive ping timeout"
FORMATS = pytest.mark.parametrize("flags", ["", "binaryMode=true", "jsonRpc=true"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ManualClock:
    """The one by which lines are looked after."""
    clock = ManualClock()
    monkeypatch.setattr("bxpull_server.listener.SystemClock", lambda: clock)
    return clock


class Peer:
    """A subscriber as bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Pulse) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = heard
        self.pieces = 0

    async def say(self, data: bytes) -> None:
        """Returns when the server has it."""
        before = self.pieces
        self._writer.write(data)
        await self._heard.until(lambda: self.pieces > before, 30, lambda: "not heard")

    async def hear(self, wanted: bytes) -> None:
        assert await self._reader.readexactly(len(wanted)) == wanted

    async def hear_until(self, wanted: bytes) -> None:
        await self._reader.readuntil(wanted)

    async def hear_rest(self) -> bytes:
        return await self._reader.read()


@pytest.fixture
async def subscribe(clock: ManualClock, start: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Makes the peer of a server whose own clock stands still."""
    handle, heard = SubscriberProtocol.data_received, Pulse()
    async with AsyncExitStack() as stack:

        async def subscribe(flags: str = "") -> tuple[Any, Peer]:
            client = await start(clock=ManualClock(), server_version=5)
            peer = Peer(*await stack.enter_async_context(line(client)), heard)

            def data_received(protocol: SubscriberProtocol, data: bytes) -> None:
                handle(protocol, data)
                peer.pieces += 1
                heard.fire()

            monkeypatch.setattr(SubscriberProtocol, "data_received", data_received)
            await peer.say(handshake(await client.query(1, flags=flags)).encode())
            await peer.hear_until(b"\r\n\r\n")
            await client.server.wait_connected(1)
            clock.advance(10)  # the handshake was heard before this
            return client, peer

        yield subscribe


@FORMATS
async def test_a_peer_that_answers_pings_is_pinged_every_twenty_seconds(
    subscribe: Any, clock: ManualClock, flags: str
) -> None:
    client, peer = await subscribe(flags)
    for _ in range(5):
        clock.advance(10)
        await peer.hear(PING)
        await peer.say(PONG)
        clock.advance(10)
    assert await client.server.connections()


@FORMATS
async def test_a_peer_that_answers_nothing_is_given_up_after_twenty_seconds(
    subscribe: Any, clock: ManualClock, flags: str
) -> None:
    client, peer = await subscribe(flags)
    clock.advance(29.9)
    assert await client.server.connections()
    clock.advance(0.1)
    await peer.hear(PING + GIVEN_UP)
    assert await peer.hear_rest() == b""
    await client.server.wait_disconnected(1)
    assert clock.next_due_s == math.inf


async def test_whoever_answers_heartbeats_is_not_pinged(subscribe: Any, clock: ManualClock) -> None:
    client, peer = await subscribe("jsonRpc=true")
    for _ in range(5):
        client.server._clock.advance(10)
        await peer.hear(HEARTBEAT)
        await peer.say(HEARTBEAT_ANSWER)
        clock.advance(10)


async def test_a_heartbeat_comes_every_ten_seconds_and_to_no_one_who_has_left(
    subscribe: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, peer = await subscribe("jsonRpc=true")
    client.server._clock.advance(9.9)
    await client.server.add_by_user(1, module_id="m", command="check")
    await peer.hear_until(b'"check"')
    client.server._clock.advance(0.1)
    await peer.hear_until(HEARTBEAT)
    client.server._clock.advance(20)
    await peer.hear(HEARTBEAT * 2)
    await peer.say(b"\x88\x80mask")
    await client.server.wait_disconnected(1)
    called: list[Any] = []
    monkeypatch.setattr("bxpull_server.connection.Connection.write_now", lambda *call: called.append(call))
    client.server._clock.advance(60)
    assert not called


async def test_heartbeats_go_on_after_a_loop_that_was_closed_amid_them(start: Any) -> None:
    client = await start(clock=ManualClock(), server_version=5)
    services = client.server._services

    async def subscribe() -> None:
        services.heartbeats.join("one who could not leave")

    await client.server.stop()
    await asyncio.to_thread(asyncio.run, subscribe())
    await client.server.start()
    peer = await client.subscribe(1, flags="jsonRpc=true")
    client.server._clock.advance(10)
    assert await peer.socket.recv() == "ping"


async def test_a_line_that_is_being_closed_is_not_pinged(subscribe: Any, clock: ManualClock) -> None:
    client, peer = await subscribe()
    await client.server.disconnect(1)
    await peer.hear_until(b"\x88")
    clock.advance(60)
    await peer.say(b"\x88\x80mask")
    assert PING not in await peer.hear_rest()


async def test_a_peer_that_takes_long_for_what_it_was_sent_is_not_given_up_meanwhile(
    subscribe: Any, clock: ManualClock
) -> None:
    client, peer = await subscribe()
    (protocol,) = (one for one in client.server._listener._connections if isinstance(one, SubscriberProtocol))
    protocol.pause_writing()
    clock.advance(60)
    protocol.resume_writing()
    assert not protocol.has_ended
    clock.advance(30)
    await peer.hear(PING + GIVEN_UP)


@pytest.mark.parametrize("more", [1, 2], ids=["not read any more", "read in part"])
async def test_a_peer_whose_words_wait_to_be_read_is_not_given_up(
    subscribe: Any, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    client, peer = await subscribe("jsonRpc=true")
    go_on = asyncio.Event()

    async def text(*_: Any) -> None:
        await go_on.wait()

    monkeypatch.setattr("bxpull_server.web.upstream.Upstream.text", text)
    question = b"\x81\xfe\x0f\x00mask" + bytes(0x0F00)
    await peer.say(question)
    await peer.say(question * more)
    clock.advance(60)
    go_on.set()
    await peer.say(PONG)
    assert await client.server.connections()
