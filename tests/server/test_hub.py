"""bxpull_server.hub."""

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.errors import WaitTimeoutError
from bxpull_server.hub import Hub, Published
from bxpull_server.protocol.codecs import TEXT
from bxpull_server.protocol.text import decode_text
from bxpull_server.store import MemoryStore

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def hub(clock: ManualClock) -> Hub:
    return Hub(MemoryStore(clock, limit=8), clock, queue_limit=100_000)


async def subscribe(hub: Hub, *channels: str, user: int = 1, mid: str | None = None) -> Connection:
    return await hub.connect(channels, TEXT, user, mid)


async def received(connection: Connection) -> list[str]:
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
    assert await received(on_a) == [first]
    assert await received(on_both) == [first, second]
    assert await received(on_c) == []


async def test_an_event_on_several_channels_reaches_a_connection_once(hub: Hub) -> None:
    connection = await subscribe(hub, A, B)
    done = await hub.publish([A, B, C], "{}")
    assert done.delivered == 1
    assert await received(connection) == [done.mid]


async def test_an_event_for_no_channel_is_nothing(hub: Hub) -> None:
    assert await hub.publish([], "{}") == Published(None, 0)


async def test_resuming_gets_what_was_missed_and_then_what_comes(hub: Hub) -> None:
    mids = [await publish(hub, channel) for channel in (A, B, C, A)]
    connection = await subscribe(hub, A, B, mid=mids[0])
    live = await publish(hub, B)
    assert await received(connection) == [mids[1], mids[3], live]


async def test_without_a_mid_only_new_events_come(hub: Hub) -> None:
    await publish(hub, A)
    connection = await subscribe(hub, A)
    assert await received(connection) == []


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
    await received(connection)
    await hub.wait_delivered(0)


async def test_waiting_for_the_end_tells_how_many_are_left(hub: Hub) -> None:
    await subscribe(hub, A)
    with pytest.raises(WaitTimeoutError, match="1 connections are still open"):
        await hub.wait_empty(0)
