"""Peers that read nothing: they hold neither memory nor others, and are cut off."""

import asyncio
import gc
import itertools
import json
import socket
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server.web.websocket_protocol import SubscriberProtocol
from tests.server.raw_http import get, handshake

SHORT_S = 0.2
NEVER_READ = 50
EVENTS = 1_000
EVENT_CHARS = 20_000
# More than the kernel takes for one line.
LARGE = 12_000_000
QUEUE_LIMIT = 200_000
FLOOD = 500_000
# What the kernel and asyncio take beyond it: a transport stops at 64 KiB and one message more.
LINE_BUFFERS = 4 * 64 * 1024


async def silent(client: Any, request: str) -> socket.socket:
    """A connection that sends a request, and reads nothing but the first bytes of its answer."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(peer, ("127.0.0.1", client.server.port))
    await loop.sock_sendall(peer, request.encode())
    return peer


async def subscribed(client: Any) -> socket.socket:
    """A subscriber that does not read, over a line that holds little."""
    peer = await silent(client, handshake(await client.query(1)))
    await client.server.wait_connected(1)
    for protocol in client.server._listener._connections:
        protocol.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return peer


async def lines_left(client: Any, count: int) -> None:
    """Wait until the server has so many TCP connections."""
    connections = client.server._listener._connections
    await connections.gone.until(
        lambda: len(connections) <= count, 30, lambda: f"{len(connections)} lines are open"
    )


@pytest.mark.parametrize("flags", ["", "binaryMode=true", "jsonRpc=true"])
async def test_subscribers_that_never_read_are_closed_and_hold_nothing(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, flags: str
) -> None:
    monkeypatch.setattr("bxpull_server.web.subscribe.CLOSE_GRACE_S", SHORT_S)
    client = await start(queue_limit=QUEUE_LIMIT, history_limit=10, write_timeout_s=1, server_version=5)
    query = await client.query(1, flags=flags)
    peers = [await silent(client, handshake(query)) for _ in range(NEVER_READ)]
    await client.server.wait_connected(1, NEVER_READ)
    reader = await client.subscribe(2, flags="binaryMode=true")
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    for number in range(EVENTS):
        params = {"n": number, "x": "x" * EVENT_CHARS}
        await client.server.add_by_users([1, 2], module_id="m", command="c", params=params)
        assert json.loads((await reader.message()).body)["params"]["n"] == number
    await client.server.wait_disconnected(1, timeout=30)
    await lines_left(client, 2)
    gc.collect()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - before < NEVER_READ * (QUEUE_LIMIT + LINE_BUFFERS)
    assert [connection.user for connection in await client.server.connections()] == [2]
    for peer in peers:
        peer.close()


async def test_a_subscriber_that_takes_not_even_the_close_frame_is_cut_off(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not this one: it is for peers whose line is full before the close frame is written.
    monkeypatch.setattr("bxpull_server.web.subscribe.CLOSE_GRACE_S", 3600)
    client = await start(write_timeout_s=SHORT_S)
    peer = await silent(client, handshake(await client.query(1)))
    await client.server.wait_connected(1)
    await client.http.aclose()
    for _ in range(60):
        await client.server.add_by_user(1, module_id="m", command="c", params={"x": "x" * 100_000})
    await client.server.disconnect(1)
    await client.server.wait_disconnected(1, timeout=30)
    await lines_left(client, 0)
    peer.close()


@pytest.mark.parametrize(
    ("begin", "flood"),
    [
        (b"", b"\x89\xfdmask" + bytes(125)),
        (b"\x01\x80mask", b"\x00\x80mask"),
        (b"\x01\x80mask", b"\x00\x81maskm"),
    ],
    ids=["pings that are not read", "empty fragments", "fragments of a byte"],
)
async def test_small_frames_without_an_end_hold_nothing(client: Any, begin: bytes, flood: bytes) -> None:
    peer = await subscribed(client)
    loop = asyncio.get_running_loop()
    some = flood * (FLOOD // len(flood) // 10)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    await loop.sock_sendall(peer, begin)
    for _ in range(10):
        await loop.sock_sendall(peer, some)
    await client.subscribe(2)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    peer.close()
    assert after - before < FLOOD // 2


async def test_one_who_sends_much_leaves_others_their_turns(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = await subscribed(client)
    other = await client.subscribe(2)
    answered, pings = SubscriberProtocol.handle_ping, itertools.count()

    def counted(protocol: SubscriberProtocol) -> None:
        next(pings)
        answered(protocol)

    monkeypatch.setattr(SubscriberProtocol, "handle_ping", counted)
    flood = b"\x89\x80mask" * 100_000
    sending = asyncio.create_task(asyncio.get_running_loop().sock_sendall(peer, flood))
    await (await other.socket.ping())
    assert next(pings) < 5_000
    sending.cancel()
    peer.close()


async def test_a_peer_that_reads_again_is_told_what_its_last_ping_was(client: Any) -> None:
    peer = await subscribed(client)
    loop = asyncio.get_running_loop()
    for _ in range(FLOOD // 131):
        await loop.sock_sendall(peer, b"\x89\xfd\0\0\0\0" + bytes(125))
    await loop.sock_sendall(peer, b"\x89\x84\0\0\0\0last")
    read = b""
    while not read.endswith(b"\x8a\x04last"):
        read += await loop.sock_recv(peer, FLOOD)
    assert len(read) < FLOOD
    peer.close()


async def test_a_poll_whose_answer_is_not_read_is_cut_off(start: Callable[..., Any]) -> None:
    client = await start(write_timeout_s=SHORT_S, idle_timeout_s=3600, event_limit=2 * LARGE)
    query = await client.query(1)
    peers = [
        await silent(client, get(f"/bitrix/sub/?{query}", f"Connection: {how}"))
        for how in ("close", "keep-alive")
    ]
    await client.server.wait_connected(1, 2)
    await client.server.add_by_user(1, module_id="m", command="c", params={"x": "x" * LARGE})
    await client.http.aclose()
    await lines_left(client, 0)
    for peer in peers:
        peer.close()


async def test_onlookers_that_never_read_are_cut_off_and_cost_nothing(start: Callable[..., Any]) -> None:
    client = await start(write_timeout_s=SHORT_S, history_limit=1)
    peers = [await silent(client, get("/control/events")) for _ in range(5)]
    loop = asyncio.get_running_loop()
    for peer in peers:
        assert await loop.sock_recv(peer, 12) == b"HTTP/1.1 200"
    page = await client.subscribe(1)
    gc.collect()
    tracemalloc.start()
    for number in range(1_000):
        await client.server.add_by_user(
            1, module_id="m", command="c", params={"n": number, "x": "x" * 50_000}
        )
        assert (await page.event())["params"]["n"] == number
    await client.http.aclose()
    await lines_left(client, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * 16 * 1024 * 1024
    for peer in peers:
        peer.close()


async def test_a_file_that_is_not_read_is_cut_off(start: Callable[..., Any], tmp_path: Any) -> None:
    (tmp_path / "large.bin").write_bytes(b"x" * 20_000_000)
    client = await start(write_timeout_s=SHORT_S, static=tmp_path)
    peers = [await silent(client, get("/large.bin")) for _ in range(5)]
    loop = asyncio.get_running_loop()
    for peer in peers:
        assert await loop.sock_recv(peer, 12) == b"HTTP/1.1 200"
    await lines_left(client, 0)
    for peer in peers:
        peer.close()
