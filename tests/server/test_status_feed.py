"""bxpull_server.status_feed."""

import asyncio
import json

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.connection import Connection
from bxpull_server.hub import Hub
from bxpull_server.protocol.codecs import TEXT
from bxpull_server.protocol.text import decode_text
from bxpull_server.status_feed import StatusFeed
from bxpull_server.store import MemoryStore

A = "a" * 32


@pytest.fixture
def hub(clock: ManualClock) -> Hub:
    return Hub(MemoryStore(clock), clock, queue_limit=10_000)


@pytest.fixture
def feed(hub: Hub, clock: ManualClock) -> StatusFeed:
    return StatusFeed(hub, clock)


async def subscribe(hub: Hub, user: int) -> Connection:
    return await hub.connect((A,), TEXT, user, None)


async def next_event(connection: Connection) -> dict[str, object]:
    payload = await connection.take()
    assert isinstance(payload, str)
    (record,) = decode_text(payload).records
    event: dict[str, object] = record["text"]
    return event


async def test_a_change_is_an_online_event_with_the_time(hub: Hub, feed: StatusFeed) -> None:
    watcher = await subscribe(hub, 1)
    feed.watch(watcher, 2)
    other = await subscribe(hub, 2)
    event = await next_event(watcher)
    assert json.dumps(event["params"]) == '{"user_id": 2, "online": true}'
    assert (event["module_id"], event["command"]) == ("online", "userStatusChange")
    assert event["extra"] == {"server_time": "2026-09-21T14:13:20+00:00", "server_time_unix": 1_790_000_000.0}
    hub.disconnect(other)
    assert (await next_event(watcher))["params"] == {"user_id": 2, "online": False}


async def test_only_first_and_last_connection_are_changes(hub: Hub, feed: StatusFeed) -> None:
    watcher = await subscribe(hub, 1)
    feed.watch(watcher, 2)
    tabs = [await subscribe(hub, 2), await subscribe(hub, 2)]
    assert (await next_event(watcher))["params"] == {"user_id": 2, "online": True}
    for tab in tabs:
        hub.disconnect(tab)
    assert (await next_event(watcher))["params"] == {"user_id": 2, "online": False}


async def test_nothing_is_begun_for_nobody(hub: Hub, feed: StatusFeed) -> None:
    watcher = await subscribe(hub, 1)
    feed.watch(watcher, 2)
    feed.unwatch(watcher, 2)
    await subscribe(hub, 2)
    assert asyncio.all_tasks() == {asyncio.current_task()}
