"""bxpull_server.hub."""

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.errors import EventError, WaitTimeoutError
from bxpull_server.hub import Hub, Published
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT, AnyCodec
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.text import TextCodec, decode_text
from bxpull_server.store import MemoryStore

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def hub(clock: ManualClock) -> Hub:
    return Hub(MemoryStore(clock, limit=8), clock, queue_limit=100_000)


async def subscribe(hub: Hub, *channels: str, user: int = 1, mid: str | None = None) -> Connection:
    return await hub.connect(channels, TEXT, user, mid)


async def received(hub: Hub, connection: Connection) -> list[str]:
    hub.flush()
    mids: list[str] = []
    while not connection.idle:
        payload = await connection.take()
        assert isinstance(payload, str)
        mids += [record["mid"] for record in decode_text(payload).records]
        connection._writing = False
    return mids


async def publish(hub: Hub, *channels: str) -> str:
    done = await hub.publish(channels, '{"module_id":"m"}')
    assert done.mid is not None
    return done.mid


async def test_an_event_reaches_exactly_those_who_listen(hub: Hub) -> None:
    on_a, on_both, on_c = await subscribe(hub, A), await subscribe(hub, A, B), await subscribe(hub, C)
    first, second = await publish(hub, A), await publish(hub, B)
    assert await received(hub, on_a) == [first]
    assert await received(hub, on_both) == [first, second]
    assert await received(hub, on_c) == []


async def test_an_event_on_several_channels_reaches_a_connection_once(hub: Hub) -> None:
    connection = await subscribe(hub, A, B)
    done = await hub.publish([A, B, C], "{}")
    assert done.delivered == 1
    assert await received(hub, connection) == [done.mid]


async def test_an_event_for_no_channel_is_nothing(hub: Hub) -> None:
    assert await hub.publish([], "{}") == Published(None, 0)


async def test_resuming_gets_what_was_missed_and_then_what_comes(hub: Hub) -> None:
    mids = [await publish(hub, channel) for channel in (A, B, C, A)]
    connection = await subscribe(hub, A, B, mid=mids[0])
    live = await publish(hub, B)
    assert await received(hub, connection) == [mids[1], mids[3], live]


async def test_without_a_mid_only_new_events_come(hub: Hub) -> None:
    await publish(hub, A)
    connection = await subscribe(hub, A)
    assert await received(hub, connection) == []


async def test_who_comes_while_an_event_waits_gets_only_later_ones(hub: Hub) -> None:
    first = await subscribe(hub, A)
    early = await publish(hub, A)
    second = await subscribe(hub, A, user=2)
    late = await publish(hub, A)
    assert await received(hub, first) == [early, late]
    assert await received(hub, second) == [late]


async def test_resuming_from_before_the_history_is_logged(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        await publish(hub, A)
    await subscribe(hub, A, mid="0" * 26)
    assert "before the kept history" in caplog.text


async def test_a_connection_that_closes_gets_no_more(hub: Hub) -> None:
    connection = await subscribe(hub, A)
    connection.close(CloseOrder(1001))
    assert (await hub.publish([A], "{}")).delivered == 0
    assert hub.of_user(1) == []


async def test_those_that_close_are_not_counted_as_reached(hub: Hub) -> None:
    on_a, on_both = await subscribe(hub, A), await subscribe(hub, A, B)
    on_b = await subscribe(hub, B)
    assert (await hub.publish([A, B, C], "{}")).delivered == 3
    on_both.close(CloseOrder(1001))
    assert (await hub.publish([A], "{}")).delivered == 1
    assert (await hub.publish([A, B, C], "{}")).delivered == 2
    on_b.close(CloseOrder(1001))
    for gone in (on_both, on_b, on_a):
        hub.disconnect(gone)
    await subscribe(hub, A, B)
    assert (await hub.publish([A, B], "{}")).delivered == 1


async def test_a_gone_connection_is_forgotten(hub: Hub) -> None:
    connection = await subscribe(hub, A)
    assert (hub.subscribers(A), hub.channel_count) == (1, 1)
    hub.disconnect(connection)
    hub.disconnect(connection)
    assert (hub.subscribers(A), hub.channel_count, hub.connections) == (0, 0, ())
    assert (await hub.publish([A], "{}")).delivered == 0


async def test_waiting_for_a_user_tells_who_is_there(hub: Hub) -> None:
    await subscribe(hub, A, user=2)
    await hub.wait_connected(2, 1, 0)
    with pytest.raises(WaitTimeoutError, match=r"user 1 has 0 of 2 connections; .*: 2: 1"):
        await hub.wait_connected(1, 2, 0)


async def test_waiting_for_delivery_tells_what_waits(hub: Hub) -> None:
    connection = await subscribe(hub, A)
    await hub.wait_delivered(0)
    await publish(hub, A)
    with pytest.raises(WaitTimeoutError, match="1 frames still wait to be sent on 1 connections"):
        await hub.wait_delivered(0)
    await received(hub, connection)
    await hub.wait_delivered(0)


async def test_waiting_for_the_end_tells_how_many_are_left(hub: Hub) -> None:
    await subscribe(hub, A)
    with pytest.raises(WaitTimeoutError, match="1 connections are still open"):
        await hub.wait_empty(0)


class Counting(TextCodec):
    """Counts what it encodes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.encoded = 0

    def encode(self, message: Message) -> str:
        self.encoded += 1
        return super().encode(message)


async def test_each_format_is_encoded_once_however_many_read_it(hub: Hub) -> None:
    codecs = Counting("one"), Counting("two")
    connections = [await hub.connect((A,), codec, 1, None) for codec in codecs for _ in range(5)]
    mid = await publish(hub, A)
    assert [await received(hub, connection) for connection in connections] == [[mid]] * 10
    assert [codec.encoded for codec in codecs] == [1, 1]


async def test_every_format_gets_its_own_on_one_channel(hub: Hub) -> None:
    formats: tuple[AnyCodec, ...] = (TEXT, PROTOBUF, JSON_RPC)
    text, binary, rpc = [await hub.connect((A,), codec, 1, None) for codec in formats]
    mid = await publish(hub, A)
    assert await received(hub, text) == [mid]
    frame, incoming = await binary.take(), await rpc.take()
    assert isinstance(frame, bytes)
    assert isinstance(incoming, str)
    assert [message.id.hex() for message in decode_frame(frame).messages] == [mid]
    assert [params["mid"] for params in decode_incoming(incoming).events] == [mid]


async def test_additions_go_to_all_or_to_one_channel(hub: Hub) -> None:
    on_a, on_b = [await hub.connect((channel,), JSON_RPC, 1, None) for channel in (A, B)]
    await hub.publish([A, B], '{"module_id":"m"}', dictionary={"d": 1}, user_params={B: {"own": 1}})
    added = []
    for connection in (on_a, on_b):
        payload = await connection.take()
        assert isinstance(payload, str)
        (params,) = decode_incoming(payload).events
        added.append((params.get("dictionary"), params.get("user_params")))
    assert added == [({"d": 1}, None), ({"d": 1}, {"own": 1})]


async def test_additions_that_cannot_be_sent_are_refused_and_nothing_is_published(hub: Hub) -> None:
    deep = "[" * 200 + "]" * 200
    for body, dictionary in (("{}", {"a": float("nan")}), (f'{{"params":{deep}}}', {"a": 1})):
        with pytest.raises(EventError):
            await hub.publish([A], body, dictionary=dictionary)
    assert hub.published == 0


async def test_connections_make_a_user_online(hub: Hub) -> None:
    connection = await subscribe(hub, A, user=5)
    assert hub.presence.last_seen([5]) == {5: 0}
    hub.disconnect(connection)
    assert hub.presence.last_seen([5]) == {5: 1}


async def test_a_further_channel_is_listened_to_until_it_is_left(hub: Hub) -> None:
    connection = await subscribe(hub, A)
    hub.listen(connection, B)
    first = await publish(hub, B)
    hub.leave(connection, B)
    hub.leave(connection, C)
    await publish(hub, B)
    assert await received(hub, connection) == [first]
    hub.listen(connection, C)
    hub.disconnect(connection)
    assert hub.channel_count == 0


async def test_waiting_for_a_user_to_go_tells_how_many_are_left(hub: Hub) -> None:
    connection = await subscribe(hub, A, user=2)
    with pytest.raises(WaitTimeoutError, match="user 2 still has 1 connections"):
        await hub.wait_disconnected(2, 0)
    hub.disconnect(connection)
    await hub.wait_disconnected(2, 0)
