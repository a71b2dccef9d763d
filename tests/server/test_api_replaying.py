"""bxpull_server.api.replaying."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bxpull_server import AsyncPushServer, ManualClock, PushServer
from bxpull_server.errors import CaptureError, EventError, NotRunningError

LINES: list[dict[str, Any]] = [
    {"time": f"2026-11-30T00:26:{second:02d}Z", "module": "im", "command": "message", "params": {"n": second}}
    for second in (10, 12, 20)
]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def server(clock: ManualClock) -> AsyncIterator[AsyncPushServer]:
    """A server whose time stands still and that keeps what is published."""
    async with AsyncPushServer(clock=clock) as server:
        await server.keep_published()
        yield server


async def told(server: AsyncPushServer) -> list[Any]:
    return [event["params"]["n"] for event in await server.published()]


async def test_all_is_sent_at_once_and_in_order(server: AsyncPushServer) -> None:
    done = await server.replay([*LINES, {**LINES[0], "kind": "client"}], users=[1, -2])
    assert [event.params["n"] for event in done.events] == [10, 12, 20]
    assert done.left_out == {"client": 1}
    assert await told(server) == [10, 12, 20]
    assert [target["user"] for target in (await server.published())[0]["targets"]] == [1, -2]


async def test_what_was_published_is_sent_to_the_same_again(server: AsyncPushServer) -> None:
    await server.add_by_users([1, 2], module_id="im", command="c", params={"n": 1}, user_params={2: {"n": 2}})
    await server.add_shared(module_id="im", command="c", params={"n": 3}, extra={"own": 1})
    before = await server.published()
    await server.replay(before)
    again = (await server.published())[2:]
    for name in ("targets", "params"):
        assert [event[name] for event in again] == [event[name] for event in before]
    assert again[1]["extra"]["own"] == 1
    assert again[1]["mid"] != before[1]["mid"]


async def test_its_clock_moves_what_is_as_far_apart_as_it_was(
    server: AsyncPushServer, clock: ManualClock
) -> None:
    replaying = asyncio.create_task(server.replay(LINES, users=[1], speed=2))
    for seconds, so_far in ((0, [10]), (0.9, [10]), (0.1, [10, 12]), (3.9, [10, 12]), (0.1, [10, 12, 20])):
        clock.advance(seconds)
        for _ in range(10):
            await asyncio.sleep(0)
        assert await told(server) == so_far
    await replaying


async def test_nothing_is_sent_of_what_cannot_be_sent_whole(server: AsyncPushServer) -> None:
    lines: list[dict[str, Any]] = [{**LINES[0], "targets": [{"channel": "private", "user": 1}]}, LINES[1]]
    with pytest.raises(CaptureError, match=r"^the capture:2: the line names no target .*users=\[1\]$"):
        await server.replay(lines)
    with pytest.raises(CaptureError, match=r"^the capture:2: is not JSON"):
        await server.replay([json.dumps(LINES[0]), "x"], users=[1])
    with pytest.raises(CaptureError, match="has no event to replay"):
        await server.replay([])
    with pytest.raises(EventError, match="users: must be a user id"):
        await server.replay(LINES, users=[1, 0])
    with pytest.raises(ValueError, match="speed: must be 0"):
        await server.replay(LINES, users=[1], speed=-1)
    assert await told(server) == []


async def test_a_refused_event_is_named_by_its_line(server: AsyncPushServer) -> None:
    large = {**LINES[1], "params": {"n": "x" * 1_100_000}}
    with pytest.raises(CaptureError, match=r"^the capture:2: event: it has \d+ bytes") as caught:
        await server.replay([LINES[0], large], users=[1])
    assert caught.value.place == "the capture:2"
    assert await told(server) == [10]


async def test_a_server_that_does_not_run_says_so() -> None:
    with pytest.raises(NotRunningError):
        await AsyncPushServer().replay(LINES, users=[1])


@pytest.fixture
def in_thread() -> Iterator[PushServer]:
    with PushServer() as server:
        yield server


def test_any_thread_can_replay_a_file(in_thread: PushServer, tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    in_thread.keep_published()
    assert len(in_thread.replay(path, users=[1]).events) == 3
    assert len(in_thread.replay(str(path), users=[1], speed=1e9).events) == 3
    assert [event["params"]["n"] for event in in_thread.published()] == [10, 12, 20] * 2
