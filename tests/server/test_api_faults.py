"""bxpull_server.api.faults: what subscribers of every wire see when something goes wrong."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bxpull_server import ManualClock
from bxpull_server.errors import EventError, WaitTimeoutError
from bxpull_server.faults.fault import FaultKind
from bxpull_server.journal import PollClosed, PollOpened, SocketClosed
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import decode_text

WIRES = pytest.mark.parametrize(
    ("codec", "flags"),
    [(TEXT, ""), (PROTOBUF, "binaryMode=true"), (JSON_RPC, "jsonRpc=true")],
    ids=["text", "protobuf", "json-rpc"],
)


@pytest.fixture
async def client(start: Callable[..., Any]) -> Any:
    return await start(server_version=5)


async def publish(client: Any, count: int = 1, user: int = 1) -> list[str]:
    return [await client.server.add_by_user(user, module_id="m", command="c") for _ in range(count)]


def mids(codec: Any, message: Any) -> list[Any]:
    """The mids in a message; none if it is damaged."""
    if codec is TEXT:
        return [record["mid"] for record in decode_text(message).records]
    if codec is PROTOBUF:
        return [outgoing.id for outgoing in decode_frame(message).messages]
    try:
        return [params["mid"] for params in decode_incoming(message).events]
    except ValueError:
        return []


def named(codec: Any, sent: list[str]) -> list[Any]:
    return [mid_to_bytes(mid) for mid in sent] if codec is PROTOBUF else sent


async def read(page: Any, codec: Any) -> list[Any]:
    """Mids of everything until the connection ends."""
    found = []
    try:
        while True:
            found += mids(codec, await page.socket.recv())
    except ConnectionClosed:
        return found


async def poll(client: Any, query: str) -> httpx.Response:
    answer: httpx.Response = await client.http.get(f"/bitrix/sub/?{query}")
    return answer


def body(answer: httpx.Response, codec: Any) -> Any:
    return answer.content if codec is PROTOBUF else answer.text


@WIRES
async def test_dropping_ends_an_open_connection_without_a_close_frame(
    client: Any, codec: Any, flags: str
) -> None:
    page = await client.subscribe(1, flags=flags)
    other = await client.subscribe(2, flags=flags)
    await client.server.faults.add("drop", user=1)
    assert (await page.closed())[0] == 1006
    sent = await publish(client, user=2)
    assert mids(codec, await other.socket.recv()) == named(codec, sent)
    entry = await client.server.wait_request(lambda entry: isinstance(entry, SocketClosed))
    assert (entry.user, entry.code, entry.by_server) == (1, 1006, False)


@WIRES
async def test_dropping_at_a_message_loses_it_until_the_page_resumes(
    client: Any, codec: Any, flags: str
) -> None:
    page = await client.subscribe(1, flags=flags)
    first = await publish(client)
    assert mids(codec, await page.socket.recv()) == named(codec, first)
    await client.server.faults.add("drop", when="message")
    second = await publish(client)
    assert await read(page, codec) == []
    page = await client.subscribe(1, mid=first[0], flags=flags)
    assert mids(codec, await page.socket.recv()) == named(codec, second)


@pytest.mark.parametrize("kind", ["duplicate", "drop"])
async def test_a_fault_spares_what_was_published_right_before_it(client: Any, kind: FaultKind) -> None:
    pages = [await client.subscribe(1), await client.subscribe(2)]
    for user, page in enumerate(pages, 1):
        sent = await publish(client, user=user)
        await client.server.faults.add(kind, user=user)
        assert (await page.record())["mid"] == sent[0]
        if kind == "duplicate":
            after = await publish(client, user=user)
            assert [(await page.record())["mid"] for _ in range(2)] == after * 2


async def test_a_drop_waits_for_a_connection_that_opens(client: Any) -> None:
    number = await client.server.faults.add("drop", user=1, times=2)
    for _ in range(2):
        page = await client.open(await client.query(1))
        assert (await page.closed())[0] == 1006
    await client.server.faults.wait_struck(number, 2)
    assert (await client.subscribe(1)).socket.close_code is None


async def test_a_drop_strikes_as_many_open_connections_as_it_is_told_the_oldest_first(client: Any) -> None:
    pages = [await client.subscribe(1) for _ in range(3)]
    await client.server.faults.add("drop", user=1, times=2)
    assert [(await page.closed())[0] for page in pages[:2]] == [1006, 1006]
    await publish(client)
    assert (await pages[2].event())["command"] == "c"


async def test_a_connection_is_struck_by_its_number(client: Any) -> None:
    one, two = await client.subscribe(1), await client.subscribe(1)
    newest = (await client.server.connections())[1].number
    await client.server.faults.add("drop", connection=newest)
    assert (await two.closed())[0] == 1006
    await publish(client)
    assert (await one.event())["command"] == "c"
    with pytest.raises(EventError, match="connection: there is no connection 99; there are 1"):
        await client.server.faults.add("drop", connection=99)


@WIRES
async def test_a_half_open_connection_says_and_answers_nothing(client: Any, codec: Any, flags: str) -> None:
    page = await client.subscribe(1, flags=flags)
    await client.server.faults.add("half_open", user=1)
    pong = await page.socket.ping()
    sent = await publish(client, 3)
    await client.server.wait_delivered()  # as far as the server knows
    await page.socket.send('{"jsonrpc":"2.0","method":"ping","id":1}')
    other = await client.subscribe(2, flags=flags)
    await publish(client, user=2)
    await other.socket.recv()
    page.socket.close_timeout = 0.01
    assert not pong.done()
    await page.socket.close()
    assert page.socket.close_code == 1006
    assert page.socket.protocol.close_rcvd is None
    with pytest.raises(ConnectionClosed):  # what had come would be read first
        await page.socket.recv()
    await client.server.wait_disconnected(1)
    page = await client.subscribe(1, mid=sent[0], flags=flags)
    assert mids(codec, await page.socket.recv()) == named(codec, sent[1:])


async def test_what_a_half_open_connection_sends_never_arrives(client: Any) -> None:
    page = await client.subscribe(1, flags="jsonRpc=true")
    await client.server.faults.add("half_open", user=1)
    await page.socket.send("lost")
    other = await client.subscribe(2, flags="jsonRpc=true")
    assert await other.call("ping") == "pong"
    texts = [entry.text for entry in client.server.requests if hasattr(entry, "text")]
    assert "lost" not in texts
    assert len(texts) == 1
    page.socket.transport.abort()  # it would wait for an answer to its close frame


async def test_closing_a_half_open_connection_cuts_it_after_a_while(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    page = await client.subscribe(1)
    await client.server.faults.add("half_open", user=1)
    assert await client.server.disconnect(1, 4010) == 1
    await client.server.wait_delivered()
    clock.advance(5)
    assert await page.closed() == (1006, "")
    await client.server.wait_disconnected(1)


async def test_a_half_open_connection_does_not_hold_up_stopping(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.faults.add("half_open", user=1)
    await client.server.stop()
    assert page.socket.protocol.close_rcvd is None
    assert (await page.closed())[0] == 1006


@WIRES
async def test_a_delay_holds_up_all_behind_it_and_keeps_the_order(
    start: Callable[..., Any], codec: Any, flags: str
) -> None:
    clock = ManualClock()
    client = await start(server_version=5, clock=clock)
    page = await client.subscribe(1, flags=flags)
    number = await client.server.faults.add("delay", user=1, seconds=3)
    sent = await publish(client, 3)
    await client.server.faults.wait_struck(number)
    with pytest.raises(WaitTimeoutError):
        await client.server.wait_delivered(0.01)
    clock.advance(2.9)
    other = await client.subscribe(2, flags=flags)
    await publish(client, user=2)
    await other.socket.recv()
    with pytest.raises(WaitTimeoutError):
        await client.server.wait_delivered(0.01)
    clock.advance(0.1)
    received: list[Any] = []
    while len(received) < 3:
        received += mids(codec, await page.socket.recv())
    assert received == named(codec, sent)


async def test_stopping_ends_a_delay_and_loses_nothing(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.faults.add("delay", seconds=3600, times=None)
    sent = await publish(client, 3)
    await client.server.stop()
    assert await read(page, TEXT) == sent
    assert page.socket.close_code == 1001


@WIRES
async def test_a_duplicate_comes_twice(client: Any, codec: Any, flags: str) -> None:
    page = await client.subscribe(1, flags=flags)
    await client.server.faults.add("duplicate")
    sent = await publish(client)
    received = [mids(codec, await page.socket.recv()) for _ in range(2)]
    assert received == [named(codec, sent)] * 2
    await publish(client)
    again = await publish(client, user=1)
    last: list[Any] = []
    while named(codec, again)[0] not in last:
        last += mids(codec, await page.socket.recv())
    assert len(last) == len(set(last))


@WIRES
async def test_events_of_one_message_come_in_another_order(client: Any, codec: Any, flags: str) -> None:
    sent = await publish(client, 6)
    number = await client.server.faults.add("reorder", seed=3)
    page = await client.subscribe(1, mid=sent[0], flags=flags)
    received = mids(codec, await page.socket.recv())
    assert sorted(received) == sorted(named(codec, sent[1:]))
    assert received != named(codec, sent[1:])
    await client.server.faults.wait_struck(number)


async def test_a_message_with_one_event_is_not_reordered_nor_counted(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.faults.add("reorder")
    await publish(client)
    await page.event()
    assert [entry.struck for entry in await client.server.faults.entries()] == [0]


@WIRES
async def test_a_message_is_cut_and_the_line_drops(client: Any, codec: Any, flags: str) -> None:
    page = await client.subscribe(1, flags=flags)
    await client.server.faults.add("truncate")
    await publish(client)
    cut = await page.socket.recv()
    assert cut
    assert mids(codec, cut) == []
    assert (await page.closed())[0] == 1006


@WIRES
async def test_garbage_comes_before_a_message_and_takes_nothing_along(
    client: Any, codec: Any, flags: str
) -> None:
    page = await client.subscribe(1, flags=flags)
    await client.server.faults.add("malformed")
    sent = await publish(client)
    assert mids(codec, await page.socket.recv()) == []
    assert mids(codec, await page.socket.recv()) == named(codec, sent)


async def test_the_same_seed_makes_the_same_bytes(client: Any) -> None:
    received = []
    for _ in range(2):
        page = await client.subscribe(1)
        await client.server.faults.add("malformed", seed=11, user=1)
        await publish(client)
        received.append(await page.socket.recv())
        await page.socket.close()
    assert received[0] == received[1]


async def test_several_faults_strike_one_message_in_the_order_of_their_kinds(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.faults.add("duplicate")
    await client.server.faults.add("malformed")
    sent = await publish(client)
    assert [mids(TEXT, await page.socket.recv()) for _ in range(3)] == [[], sent, sent]


async def test_a_handshake_is_refused_with_a_status(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    await client.server.faults.add("refuse", user=1, status=503, reason="come later")
    with pytest.raises(InvalidStatus) as caught:
        await client.open(await client.query(1))
    assert caught.value.response.status_code == 503
    assert caught.value.response.body == b"come later\n"
    assert (await client.subscribe(2)).socket.close_code is None
    assert (await client.subscribe(1)).socket.close_code is None
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_handshake_is_accepted_and_closed_with_a_code(client: Any) -> None:
    await client.server.faults.add("refuse", code=1013, reason="too busy")
    page = await client.open(await client.query(1))
    assert await page.closed() == (1013, "too busy")
    page = await client.open("CHANNEL_ID=nonsense")
    assert (await page.closed())[0] == 4010


async def test_everybody_s_refusal_meets_those_nobody_knows_too(client: Any) -> None:
    await client.server.faults.add("refuse", user=1, status=500)
    await client.server.faults.add("refuse", status=502)
    with pytest.raises(InvalidStatus) as caught:
        await client.open("CHANNEL_ID=nonsense")
    assert caught.value.response.status_code == 502


async def test_a_handshake_is_answered_late(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    number = await client.server.faults.add("slow_accept", seconds=10)
    opening = asyncio.create_task(client.open(await client.query(1)))
    await client.server.faults.wait_struck(number)
    await client.subscribe(2)
    assert not opening.done()
    clock.advance(10)
    page = await opening
    await client.server.wait_connected(1)
    await publish(client)
    assert (await page.event())["command"] == "c"


async def test_stopping_does_not_wait_for_a_slow_handshake(client: Any) -> None:
    number = await client.server.faults.add("slow_accept", seconds=3600)
    opening = asyncio.create_task(client.open(await client.query(1)))
    await client.server.faults.wait_struck(number)
    await client.server.stop()
    with pytest.raises(InvalidStatus) as caught:
        await opening
    assert caught.value.response.status_code == 503


# Long polling


@WIRES
async def test_polls_get_doubled_shuffled_and_spoilt_answers(client: Any, codec: Any, flags: str) -> None:
    sent = await publish(client, 5)
    query = await client.query(1, sent[0], flags=flags)
    for kind in ("duplicate", "malformed", "reorder"):
        await client.server.faults.add(kind)
    answer = await poll(client, query)
    received = mids(codec, body(answer, codec))
    assert received[:4] == received[4:]
    assert sorted(received[:4]) == sorted(named(codec, sent[1:]))
    assert received[:4] != named(codec, sent[1:])
    assert answer.headers["Last-Message-Id"] == sent[-1]
    assert [entry.struck for entry in await client.server.faults.entries()] == [1, 1, 1]


@WIRES
async def test_an_answer_that_is_cut_off_or_dropped_is_told_again(
    client: Any, codec: Any, flags: str
) -> None:
    sent = await publish(client, 2)
    query = await client.query(1, sent[0], flags=flags)
    for kind, options in (("truncate", {}), ("drop", {"when": "message"}), ("drop", {})):
        await client.server.faults.add(kind, **options)
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await poll(client, query)
    assert mids(codec, body(await poll(client, query), codec)) == named(codec, sent[1:])
    statuses = [entry.status for entry in client.server.requests if isinstance(entry, PollClosed)]
    assert statuses == [0, 0, 0, 200]


async def test_a_waiting_poll_is_dropped(client: Any) -> None:
    waiting = asyncio.create_task(poll(client, await client.query(1)))
    await client.server.wait_connected(1)
    await client.server.faults.add("drop", user=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await waiting
    await client.server.wait_disconnected(1)


async def test_a_half_open_poll_is_never_answered(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    query = await client.query(1)
    waiting = asyncio.create_task(poll(client, query))
    await client.server.wait_connected(1)
    await client.server.faults.add("half_open", user=1)
    await client.server.wait_disconnected(1)
    await publish(client)
    clock.advance(60)
    await client.server.stop()
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await waiting


async def test_polls_are_refused_and_kept_waiting(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    query = await client.query(1)
    faults = client.server.faults
    await faults.add("refuse", status=502)
    assert (await poll(client, query)).status_code == 502
    await faults.add("refuse", code=4010)
    assert (await poll(client, query)).status_code == 403
    await faults.add("refuse", code=1012, reason="restart")
    answer = await poll(client, query)
    assert (answer.status_code, answer.text) == (503, "1012 restart\n")
    await faults.add("refuse", status=502, reason="half a character: \ud83d")
    assert (await poll(client, query)).text == "half a character: ?\n"
    slow = await faults.add("slow_accept", seconds=5)
    late = await faults.add("delay", seconds=5)
    waiting = asyncio.create_task(poll(client, query))
    await faults.wait_struck(slow)
    assert not any(isinstance(entry, PollOpened) and entry.user for entry in client.server.requests)
    clock.advance(5)
    await client.server.wait_connected(1)
    sent = await publish(client)
    await faults.wait_struck(late)
    clock.advance(5)
    assert mids(TEXT, (await waiting).text) == sent


# The list


async def test_faults_are_listed_until_they_are_cleared(client: Any) -> None:
    faults = client.server.faults
    first = await faults.add("delay", user=1, seconds=2, times=None)
    second = await faults.add("drop", when="message")
    entries = await faults.entries()
    assert [(entry.number, entry.fault.kind, entry.struck) for entry in entries] == [
        (first, "delay", 0),
        (second, "drop", 0),
    ]
    assert await faults.clear(first) == 1
    assert await faults.clear() == 1
    assert await faults.entries() == []
    with pytest.raises(EventError, match="fault: there is no fault"):
        await faults.wait_struck(first)


async def test_a_field_that_is_none_and_a_fault_that_does_not_strike_are_told(client: Any) -> None:
    with pytest.raises(EventError, match="colour: there is no such field; known are user"):
        await client.server.faults.add("drop", colour="red")
    number = await client.server.faults.add("duplicate")
    with pytest.raises(WaitTimeoutError, match=r"fault 1 \(duplicate\) has struck 0 times of 1"):
        await client.server.faults.wait_struck(number, timeout=0.01)
