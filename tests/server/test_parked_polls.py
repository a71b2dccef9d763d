"""bxpull_server.parked_polls."""

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.hub import Hub
from bxpull_server.parked_polls import KEEP_S, ParkedPolls
from bxpull_server.protocol.codecs import TEXT
from bxpull_server.store import MemoryStore

A, B = "a" * 32, "b" * 32
MID = "1" * 26


@pytest.fixture
def hub(clock: ManualClock) -> Hub:
    return Hub(MemoryStore(clock), clock, queue_limit=1000)


@pytest.fixture
def parked(hub: Hub, clock: ManualClock) -> ParkedPolls:
    return ParkedPolls(hub, clock)


async def connect(hub: Hub, mid: str = MID) -> Connection:
    return await hub.connect((A, B), TEXT, 1, mid, transport="long polling")


async def test_the_next_request_continues_the_connection(hub: Hub, parked: ParkedPolls) -> None:
    connection = await connect(hub)
    parked.park(connection)
    assert parked.resume((A, B), "text", MID) is connection
    assert parked.resume((A, B), "text", MID) is None


@pytest.mark.parametrize(
    ("channels", "codec", "mid"), [((A,), "text", MID), ((A, B), "protobuf", MID), ((A, B), "text", "2" * 26)]
)
async def test_another_request_does_not(
    hub: Hub, parked: ParkedPolls, channels: tuple[str, ...], codec: str, mid: str
) -> None:
    parked.park(await connect(hub))
    assert parked.resume(channels, codec, mid) is None


async def test_equal_requests_continue_one_connection_each(hub: Hub, parked: ParkedPolls) -> None:
    both = [await connect(hub), await connect(hub)]
    for connection in both:
        parked.park(connection)
    assert [parked.resume((A, B), "text", MID) for _ in both] == both


async def test_one_that_is_not_continued_in_time_is_forgotten(
    hub: Hub, parked: ParkedPolls, clock: ManualClock
) -> None:
    parked.park(await connect(hub))
    kept = []
    for seconds in (KEEP_S - 0.1, 0.1):
        clock.advance(seconds)
        kept.append(len(hub.connections))
    assert kept == [1, 0]
    assert parked.resume((A, B), "text", MID) is None


async def test_one_that_is_continued_is_not(hub: Hub, parked: ParkedPolls, clock: ManualClock) -> None:
    parked.park(await connect(hub))
    parked.resume((A, B), "text", MID)
    clock.advance(KEEP_S)
    assert len(hub.connections) == 1


@pytest.mark.parametrize("order", [CloseOrder(1001), CloseOrder(4010, "why")])
@pytest.mark.parametrize("first", ["close", "park"])
async def test_one_that_is_closed_waits_to_tell_it(
    hub: Hub, parked: ParkedPolls, first: str, order: CloseOrder
) -> None:
    connection = await connect(hub)
    if first == "close":
        connection.close(order)
    parked.park(connection)
    connection.close(order)
    assert parked.resume((A, B), "text", MID) is connection
    assert connection.take_ready() == order


@pytest.mark.parametrize("earlier", [None, CloseOrder(4010, "why")])
async def test_none_waits_when_all_are_closed(
    hub: Hub, parked: ParkedPolls, earlier: CloseOrder | None
) -> None:
    connection = await connect(hub)
    parked.park(connection)
    if earlier is not None:
        connection.close(earlier)
    hub.close_all(CloseOrder(1012))
    assert hub.connections == ()
    assert parked.resume((A, B), "text", MID) is None


async def test_none_begins_to_wait_when_all_were_closed(hub: Hub, parked: ParkedPolls) -> None:
    connection = await connect(hub)
    hub.close_all(CloseOrder(1012))
    parked.park(connection)
    assert hub.connections == ()
