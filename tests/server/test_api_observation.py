"""bxpull_server.api.observation."""

import asyncio
from typing import Any

import pytest

from bxpull_server.errors import EventError, WaitTimeoutError
from bxpull_server.journal import RestRequest


@pytest.mark.parametrize(("code", "reason"), [(99, ""), (1005, ""), (70_000, ""), (1001.0, ""), (1001, 5)])
async def test_a_bad_close_is_refused_and_closes_nothing(client: Any, code: Any, reason: Any) -> None:
    await client.subscribe(1)
    with pytest.raises(EventError, match="must be"):
        await client.server.disconnect(1, code, reason)
    assert len(await client.server.connections()) == 1


async def test_waiting_for_connections_and_delivery(client: Any) -> None:
    with pytest.raises(WaitTimeoutError, match="user 1 has 0 of 1 connections"):
        await client.server.wait_connected(1, timeout=0)
    waiting = asyncio.create_task(client.server.wait_connected(1, tabs=2))
    await client.subscribe(1)
    assert not waiting.done()
    page = await client.subscribe(1)
    await waiting
    await client.server.add_by_user(1, module_id="m", command="c")
    await client.server.wait_delivered()
    assert [
        (info.user, info.format, info.sent, info.queued) for info in await client.server.connections()
    ] == [(1, "text", 1, 0)] * 2
    assert (await page.event())["command"] == "c"


async def test_waiting_for_a_request_tells_what_there_was_instead(client: Any) -> None:
    await client.config()
    entry = await client.server.wait_request(lambda entry: isinstance(entry, RestRequest))
    assert entry.path == "/rest/pull.config.get.json"
    with pytest.raises(WaitTimeoutError, match=r"none of 1 requests .*\n  RestRequest\(http_method='POST'"):
        await client.server.wait_request(lambda _entry: False, timeout=0)


async def test_requests_can_be_forgotten(client: Any) -> None:
    await client.config()
    assert len(client.server.requests) == 1
    await client.server.clear_requests()
    assert client.server.requests == []


async def test_waiting_for_the_last_connection_to_go(client: Any) -> None:
    pages = [await client.subscribe(1), await client.subscribe(1)]
    await client.server.wait_disconnected(2)
    with pytest.raises(WaitTimeoutError, match="user 1 still has 2 connections"):
        await client.server.wait_disconnected(1, timeout=0)
    waiting = asyncio.create_task(client.server.wait_disconnected(1))
    for page in pages:
        await page.socket.close()
    await waiting


async def test_what_was_published_is_kept_from_when_it_was_asked_for(client: Any) -> None:
    server = client.server
    await server.add_by_user(1, module_id="test", command="before")
    assert await server.published() == []
    await server.keep_published(2)
    await client.subscribe(1)
    for number in range(3):
        await server.add_by_user(1, module_id="test", command="check", params={"n": number})
    await server.add_shared(module_id="test", command="news")
    events = await server.published()
    assert [(event["command"], event["params"], event["delivered"]) for event in events] == [
        ("check", {"n": 2}, 1),
        ("news", [], 1),
    ]
    assert [event["targets"] for event in events] == [
        [{"channel": "private", "user": 1}],
        [{"channel": "shared"}],
    ]
    with pytest.raises(EventError, match="limit: must be a whole number from 1 on, not 0"):
        await server.keep_published(0)
    await server.reset()
    assert await server.published() == []
