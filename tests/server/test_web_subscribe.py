"""bxpull_server.web.subscribe, over real WebSockets."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from bxpull_server import ManualClock
from bxpull_server.connection import OVERFLOW
from bxpull_server.journal import SocketClosed, SocketOpened, SocketText
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.text import TextCodec
from bxpull_server.status_feed import StatusFeed
from bxpull_server.web.app import make_app
from bxpull_server.web.subscribe import SubscribeEndpoint
from bxpull_server.web.websocket_protocol import SubscriberProtocol

A, B = "a" * 32, "b" * 32


async def closed_entry(client: Any) -> SocketClosed:
    """The first close the server noted; waits for it."""
    entry = await client.server.wait_request(lambda entry: isinstance(entry, SocketClosed))
    assert isinstance(entry, SocketClosed)
    return entry


async def test_private_and_shared_events_arrive_in_order(client: Any) -> None:
    page = await client.subscribe(1)
    first = await client.server.add_by_user(1, module_id="M", command="c", params={"a": 1})
    second = await client.server.add_shared(module_id="m", command="d")
    records = [await page.record(), await page.record()]
    assert [record["mid"] for record in records] == [first, second]
    assert records[0]["text"]["module_id"] == "m"
    assert records[0]["text"]["params"] == {"a": 1}
    assert records[1]["text"]["params"] == []


async def test_two_users_get_only_their_own(client: Any) -> None:
    one, two, guest = await client.subscribe(1), await client.subscribe(2), await client.subscribe(-1)
    for user in (1, 2, -1):
        await client.server.add_by_user(user, module_id="m", command="own", params={"user": user})
    await client.server.add_shared(module_id="m", command="end")
    for page, user in ((one, 1), (two, 2), (guest, -1)):
        assert (await page.event())["params"] == {"user": user}
        assert (await page.event())["command"] == "end"


async def test_two_pages_of_one_user_both_get_the_event(client: Any) -> None:
    pages = [await client.subscribe(1), await client.subscribe(1)]
    await client.server.wait_connected(1, tabs=2)
    await client.server.add_by_users([1, 2], module_id="m", command="c")
    assert [(await page.event())["command"] for page in pages] == ["c", "c"]


async def test_any_correctly_signed_channel_is_accepted(start: Callable[..., Any], event_json: Any) -> None:
    client = await start(signature_key="k")
    page = await client.open(f"CHANNEL_ID={Signer('k').sign(A)}/{Signer('k').sign(f'{B}:{A}')}")
    await client.http.post("/bitrix/pub/", params={"CHANNEL_ID": f"{A}/{B}"}, content=event_json(n=1))
    await client.http.post("/bitrix/pub/", params={"CHANNEL_ID": B}, content=event_json(n=2))
    assert [(await page.event())["params"]["n"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "CHANNEL_ID is missing"),
        (f"CHANNEL_ID={A}", "has no signature"),
        (f"CHANNEL_ID={A}.ff", "has a wrong signature"),
        (f"CHANNEL_ID={A}.{'f' * 40}/", "segment 2 of CHANNEL_ID is empty"),
        (f"CHANNEL_ID={A}&oops=1", "unknown query key 'oops'"),
        ("token=a.b.c", "the token is malformed"),
    ],
)
async def test_a_refusal_is_an_accepted_handshake_closed_with_4010(
    client: Any, query: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = await client.open(query)
    code, sentence = await page.closed()
    assert code == 4010
    assert reason in sentence
    assert A not in sentence + caplog.text
    assert "subscription refused" in caplog.text
    opened, closed = client.server.requests
    assert (opened.connection, opened.query) == (0, query)
    assert closed == SocketClosed(0, 0, 4010, sentence, by_server=True)


async def open_from(client: Any, origin: str, query: str) -> Any:
    url = f"ws://127.0.0.1:{client.server.port}/bitrix/subws/?{query}"
    return await connect(url, proxy=None, origin=Origin(origin))


async def test_a_page_of_a_foreign_origin_is_closed_with_1008(
    client: Any, make_query: Any, caplog: pytest.LogCaptureFixture
) -> None:
    query = make_query(await client.config())
    page = await open_from(client, "https://evil.example", query)
    await page.wait_closed()
    assert page.close_code == 1008
    assert "option cors_origins" in page.close_reason
    assert "pages of origin 'https://evil.example' are refused" in caplog.text
    assert (await closed_entry(client)).code == 1008
    page = await open_from(client, "http://localhost:3000", query)
    await client.server.wait_connected(1)
    await page.close()


async def test_a_page_of_a_named_origin_may_subscribe(start: Callable[..., Any], make_query: Any) -> None:
    client = await start(cors_origins=("https://portal.example",))
    page = await open_from(client, "https://portal.example", make_query(await client.config()))
    await client.server.wait_connected(1)
    await page.close()


@pytest.mark.parametrize("path", ["/elsewhere/", "/bitrix/subws", "/control/state", "/"])
async def test_other_websocket_paths_are_not_found(client: Any, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{client.server.port}{path}", proxy=None)
    answer = refused.value.response
    assert answer.status_code == 404
    assert answer.body == b"no WebSocket is at this address: subscribe at /bitrix/subws/\n"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_request_that_is_no_handshake_is_told_so(client: Any) -> None:
    answer = await client.http.get("/bitrix/subws/", params={"CHANNEL_ID": A})
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.text == (
        "this address is for WebSockets: proxies in between have to pass Upgrade and Connection on\n"
    )


async def test_a_server_that_is_stopping_turns_newcomers_away(client: Any) -> None:
    client.server._services.stopping = True
    page = await client.open(f"CHANNEL_ID={A}")
    assert await page.closed() == (1001, "")


async def test_a_newcomer_whom_the_stop_overtakes_is_closed_like_the_others(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = client.server._hub
    connect = hub.connect

    async def overtaken(*arguments: Any, **options: Any) -> Any:
        connection = await connect(*arguments, **options)
        client.server._services.stopping = True
        return connection

    monkeypatch.setattr(hub, "connect", overtaken)
    page = await client.open(await client.query(1))
    assert await page.closed() == (1001, "")
    await hub.wait_empty(5)


async def test_a_peer_that_leaves_during_the_handshake_harms_nobody(client: Any) -> None:
    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(_message: object) -> None:
        raise OSError

    app = make_app(client.server._services)
    scope = {"type": "websocket", "app": app, "query_string": b"", "path": "/bitrix/subws/", "headers": []}
    statuses = StatusFeed(client.server._hub, client.server._clock)
    await SubscribeEndpoint(statuses).serve(WebSocket(scope, receive, send))
    assert await client.server.connections() == []


REPLACED = "this channel was replaced: load the configuration again"


async def refused_as_replaced(client: Any, query: str) -> bool:
    code, sentence = await (await client.open(query)).closed()
    return bool(code == 4010 and sentence.startswith(REPLACED))


@pytest.mark.parametrize("shared_too", [True, False])
async def test_a_channel_replaced_while_the_page_was_away_is_refused(
    client: Any, make_query: Any, shared_too: bool
) -> None:
    config = await client.config()
    await client.server.expire_channel(1)
    query = make_query(config) if shared_too else f"CHANNEL_ID={config['channels']['private']['id']}"
    assert await refused_as_replaced(client, query)
    page = await client.subscribe(1)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_a_channel_whose_life_ended_while_the_page_was_away_is_refused(
    start: Callable[..., Any], make_query: Any
) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    old = make_query(await client.config())
    clock.advance(43_205)
    await client.server.add_shared(module_id="m", command="c")
    assert await refused_as_replaced(client, old)


async def test_what_the_old_channel_still_held_comes_on_the_new_one(client: Any, make_query: Any) -> None:
    page = await client.subscribe(1)
    sent = [await client.server.add_by_user(1, module_id="m", command="c")]
    assert (await page.record())["mid"] == sent[0]
    old = make_query(await client.config(), sent[0])
    await page.socket.close()
    await closed_entry(client)
    sent.append(await client.server.add_by_user(1, module_id="m", command="c"))
    await client.server.expire_channel(1)
    sent.append(await client.server.add_by_user(1, module_id="m", command="c"))
    assert await refused_as_replaced(client, old)
    page = await client.subscribe(1, mid=sent[0])
    assert [(await page.record())["mid"] for _ in sent[1:]] == sent[1:]


@pytest.mark.parametrize("key", ["k", ""])
async def test_a_channel_of_an_earlier_process_is_refused_until_its_config_is_loaded_again(
    start: Callable[..., Any], make_query: Any, key: str
) -> None:
    before = await start(signature_key=key)
    second = make_query(await before.config(bxpull_user=2))
    await before.server.expire_channel(1)
    replaced = make_query(await before.config())
    after = await start(signature_key=key)
    assert await refused_as_replaced(after, replaced)
    assert await refused_as_replaced(after, second)
    page = await after.subscribe(2)
    await after.server.add_by_user(2, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_a_config_embedded_for_the_default_user_outlives_the_process(
    start: Callable[..., Any], make_query: Any
) -> None:
    before = await start(signature_key="k")
    embedded = make_query(await before.config())
    after = await start(signature_key="k")
    page = await after.open(embedded)
    await after.server.wait_connected(1)
    await after.server.add_by_user(1, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_a_restarted_server_refuses_nobody(client: Any, make_query: Any) -> None:
    queries = [make_query(await client.config(bxpull_user=user)) for user in (1, 2)]
    await client.server.restart()
    pages = [await client.open(query) for query in (*queries, *queries)]
    await client.server.wait_connected(1, tabs=2)
    await client.server.wait_connected(2, tabs=2)
    await client.server.add_shared(module_id="m", command="c")
    assert [(await page.event())["command"] for page in pages] == ["c"] * 4


async def test_the_channels_of_a_real_back_end_are_taken_as_they_are(start: Callable[..., Any]) -> None:
    client = await start(signature_key="k")
    sign = Signer("k").sign
    page = await client.open(f"CHANNEL_ID={sign(A)}/{sign(B)}")
    await client.server.add_by_channel(A, module_id="m", command="c")
    assert (await page.event())["command"] == "c"


async def test_resuming_by_mid_misses_nothing_and_repeats_nothing(client: Any) -> None:
    page = await client.subscribe(1)
    sent = [await client.server.add_by_user(1, module_id="m", command="c")]
    assert (await page.record())["mid"] == sent[0]
    await page.socket.close(3004, "manual")
    for number in range(2000):
        add = client.server.add_shared if number % 3 == 0 else client.server.add_by_user
        arguments = () if number % 3 == 0 else (1,)
        sent.append(await add(*arguments, module_id="m", command="c", params={"pad": "x" * 100}))
    page = await client.subscribe(1, mid=sent[0])
    assert [(await page.record())["mid"] for _ in sent[1:]] == sent[1:]


async def test_no_gap_and_no_repetition_while_publishing_goes_on(client: Any) -> None:
    await client.config()
    sent: list[str] = []
    reconnected = asyncio.Event()

    async def publish() -> None:
        event = {"user": 1, "module": "m", "command": "c"}
        while not reconnected.is_set() or len(sent) < 500:
            answer = await client.http.post("/control/send", json=event)
            sent.append(answer.json()["mid"])

    publishing = asyncio.create_task(publish())
    got: list[str] = []
    mid = "0" * 26
    for _ in range(20):
        page = await client.subscribe(1, mid=mid)
        got += [(await page.record())["mid"] for _ in range(10)]
        mid = got[-1]
        await page.socket.close()
    reconnected.set()
    await publishing
    page = await client.subscribe(1, mid=mid)
    got += [(await page.record())["mid"] for _ in range(len(sent) - len(got))]
    assert got == sent


async def test_a_raw_frame_arrives_alone_and_as_it_is(client: Any) -> None:
    page = await client.subscribe(1)
    assert await client.server.send_raw(1, "#!NGINXNMS!#oops#!NGINXNME!#") == 1
    await client.server.add_by_user(1, module_id="m", command="c")
    assert await page.socket.recv() == "#!NGINXNMS!#oops#!NGINXNME!#"
    assert (await page.event())["command"] == "c"


async def test_the_journal_tells_urls_texts_and_close_codes(client: Any) -> None:
    page = await client.subscribe(1)
    await page.socket.send("ping")
    await page.socket.close(3001, "channel expired received")
    closed = await closed_entry(client)
    opened = next(entry for entry in client.server.requests if isinstance(entry, SocketOpened))
    assert (opened.connection, opened.path, opened.user) == (1, "/bitrix/subws/", 1)
    assert opened.query.endswith("&revision=19")
    assert closed == SocketClosed(1, 1, 3001, "channel expired received", by_server=False)
    assert SocketText(1, "ping") in client.server.requests


async def test_a_peer_that_just_goes_is_noted_as_1006(client: Any) -> None:
    page = await client.subscribe(1)
    page.socket.transport.abort()
    assert (await closed_entry(client)).code == 1006


async def test_disconnecting_a_user_gives_the_code_and_reason(client: Any) -> None:
    one, two = await client.subscribe(1), await client.subscribe(2)
    assert await client.server.disconnect(1, 1001, "bye") == 1
    assert await one.closed() == (1001, "bye")
    assert (await closed_entry(client)) == SocketClosed(1, 1, 1001, "bye", by_server=True)
    await client.server.add_by_user(2, module_id="m", command="c")
    assert (await two.event())["command"] == "c"


async def test_a_reader_too_slow_is_closed_and_cut_off_without_harm_to_others(
    start: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    client = await start(queue_limit=100_000, clock=clock)
    slow = await client.subscribe(1)
    slow.socket.transport.pause_reading()
    good = await client.subscribe(2)
    filler = {"x": "x" * 50_000}
    while not caplog.text:
        await client.server.add_by_users([1, 2], module_id="m", command="c", params=filler)
        await good.record()
    assert "reads too slowly" in caplog.text
    clock.advance(5)
    assert (await closed_entry(client)).code == 1013
    await client.server.add_by_user(2, module_id="m", command="after")
    assert (await good.event())["command"] == "after"
    slow.socket.transport.abort()


@pytest.mark.parametrize("flags", ["", "binaryMode=true"], ids=["text", "protobuf"])
async def test_a_reader_too_slow_resumes_with_nothing_lost_and_nothing_twice(
    start: Callable[..., Any], flags: str
) -> None:
    client = await start(queue_limit=200_000)
    sent = [await client.server.add_by_user(1, module_id="m", command="c")]
    page = await client.subscribe(1, mid=sent[0], flags=flags)
    page.socket.transport.pause_reading()
    filler = {"x": "x" * 50_000}
    while await client.server.connections() and not any(c.closing for c in client.server._hub.connections):
        sent.append(await client.server.add_by_user(1, module_id="m", command="c", params=filler))
        await asyncio.sleep(0)
    sent += [await client.server.add_by_user(1, module_id="m", command="c") for _ in range(5)]
    page.socket.transport.resume_reading()

    named = {mid_to_bytes(mid) if flags else mid: mid for mid in sent}
    received: list[str] = []

    async def read(page: Any) -> None:
        while sent[-1] not in received:
            received.append(named[(await page.message()).id if flags else (await page.record())["mid"]])

    with pytest.raises(ConnectionClosed):
        await read(page)
    assert await page.closed() == (1013, OVERFLOW.reason)
    assert len(received) < len(sent) - 1
    page = await client.subscribe(1, mid=received[-1], flags=flags)
    await read(page)
    assert received == sent[1:]


async def test_a_defect_in_writing_cuts_the_line_instead_of_leaving_it_silent(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    page = await client.subscribe(1)
    monkeypatch.setattr(TextCodec, "encode", lambda _self, _message: 1 / 0)
    await client.server.add_by_user(1, module_id="m", command="c")
    assert (await page.closed())[0] == 1006
    assert (await closed_entry(client)).code == 1006
    await client.server.stop()
    assert "ZeroDivisionError" in caplog.text


# It looks itself at what the server logs; the subscriber's own library logs the address it calls.
@pytest.mark.pull_secrets("off")
async def test_nothing_secret_is_logged(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    config = await client.config()
    page = await client.subscribe(1)
    await client.server.add_by_user(1, module_id="m", command="c", params={"secret": "s3cret"})
    await page.event()
    await page.socket.close()
    await closed_entry(client)
    # The test's own WebSocket and HTTP clients log what they send.
    theirs = ("websockets", "httpcore", "httpx")
    ours = "".join(record.getMessage() for record in caplog.records if not record.name.startswith(theirs))
    assert "connection 1 of user 1 opened on #" in ours
    assert config["channels"]["private"]["id"][:32] not in ours
    assert "s3cret" not in ours


def handshake(port: int, *headers: bytes) -> bytes:
    """A WebSocket handshake as a browser sends it, with further header lines."""
    lines = [
        b"GET /bitrix/subws/ HTTP/1.1",
        b"Host: 127.0.0.1:%d" % port,
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def answer_to(port: int, request: bytes) -> bytes:
    """All the server sends until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await reader.read()
    finally:
        writer.close()


async def test_cookies_of_twelve_kilobytes_do_no_harm(client: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
    writer.write(handshake(client.server.port, b"Cookie: a=" + b"x" * 12_000))
    assert (await reader.readline()).startswith(b"HTTP/1.1 101 ")
    await reader.readuntil(b"CHANNEL_ID is missing")
    writer.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([b"Cookie: a=" + b"x" * 65_536], 431),
        ([b"X-%d: y" % number for number in range(200)], 431),
        ([b"X-Tab: a\xe9\x01"], 400),
        ([b"Content-Length: 5"], 400),
    ],
)
async def test_a_handshake_that_cannot_be_read_is_answered_and_harms_nothing(
    client: Any, headers: list[bytes], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answer_to(client.server.port, handshake(client.server.port, *headers))
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"xxx" not in answer
    await client.server.restart()
    await client.config()
    assert "Traceback" not in caplog.text


async def test_a_connection_that_cannot_be_closed_in_order_does_not_hold_up_stopping(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [await client.subscribe(1), await client.subscribe(2)]

    def fail(_protocol: object) -> None:
        raise AssertionError("no shutdown")

    monkeypatch.setattr(SubscriberProtocol, "shutdown", fail)
    monkeypatch.setattr("bxpull_server.async_server.STOP_GRACE_S", 0.01)
    for page in pages:
        page.socket.transport.pause_reading()
    await client.server.stop()
    assert await client.server.connections() == []
    assert "cut off" in caplog.text
    await client.server.start()
    await client.config()
    for page in pages:
        page.socket.transport.abort()
