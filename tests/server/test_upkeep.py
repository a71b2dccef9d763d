"""bxpull_server.upkeep."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bxpull_server import ManualClock
from bxpull_server.channel_keeper import ChannelKeeper


async def test_expired_messages_are_swept_once_a_minute(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    for _ in range(2):
        await client.server.add_by_user(1, module_id="m", command="c", expiry=30)
        channel = client.server._portal.channel_ids(1)[0]
        assert await client.server._store.count(channel) == 1
        clock.advance(60)
        assert await client.server._store.count(channel) == 0


async def test_a_page_is_told_within_a_minute_that_its_channel_has_ended(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock, channel_lifetime_s=90)
    page = await client.subscribe(1)
    clock.advance(60)
    clock.advance(60)
    events = [await page.event(), await page.event()]
    assert {event["params"]["channel"]["type"] for event in events} == {"private", "shared"}
    assert {event["command"] for event in events} == {"channel_expire"}


async def test_a_stopped_server_does_nothing_any_more(start: Callable[..., Any]) -> None:
    clock = ManualClock()
    client = await start(clock=clock)
    await client.server.add_by_user(1, module_id="m", command="c", expiry=30)
    await client.server.stop()
    clock.advance(120)
    assert len(client.server._store._logs) == 1


async def test_a_failure_is_logged_and_does_not_end_it(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = asyncio.Queue[None]()

    async def fail(_keeper: ChannelKeeper) -> None:
        tried.put_nowait(None)
        raise AssertionError("no channels")

    monkeypatch.setattr(ChannelKeeper, "replace_ended", fail)
    clock = ManualClock()
    await start(clock=clock)
    for _ in range(2):
        clock.advance(60)
        await tried.get()
    assert "ended channels could not be replaced" in caplog.text
