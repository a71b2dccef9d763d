"""bxpull_server.api.named_faults, on an event loop and from another thread."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from bxpull_server import PushServer
from bxpull_server.errors import EventError


async def publish(client: Any, user: int = 1, **params: Any) -> str:
    mid: str = await client.server.add_by_user(user, module_id="test", command="check", params=params)
    return mid


async def numbers(page: Any, count: int) -> list[int]:
    return [(await page.event())["params"]["n"] for _ in range(count)]


async def test_dropping_ends_what_is_open_and_nothing_later(client: Any) -> None:
    pages = [await client.subscribe(user) for user in (1, 1, 2)]
    await client.server.faults.drop(user=1)
    assert [(await page.closed())[0] for page in pages[:2]] == [1006, 1006]
    again = await client.subscribe(1)
    await publish(client, n=1)
    assert (await again.event())["params"] == {"n": 1}
    assert [c.user for c in await client.server.connections()] == [2, 1]
    assert await client.server.faults.entries() == []


async def test_not_even_once_is_refused(client: Any) -> None:
    for strike in (client.server.faults.drop, client.server.faults.duplicate):
        with pytest.raises(EventError, match="times: must be a whole number from 1 on"):
            await strike(times=0)


async def test_in_a_block_what_opens_is_dropped_too(client: Any) -> None:
    async with client.server.faults.drop(user=1) as fault:
        for times in (1, 2):
            page = await client.open(await client.query(1))
            assert (await page.closed())[0] == 1006
            await fault.wait_struck(times)
    await client.subscribe(1)


async def test_a_call_strikes_the_next_message_a_block_all_of_them(client: Any) -> None:
    page = await client.subscribe(1)
    await client.server.faults.duplicate()
    await publish(client, n=1)
    assert await numbers(page, 2) == [1, 1]
    await publish(client, n=2)
    assert await numbers(page, 1) == [2]
    async with client.server.faults.duplicate(user=1):
        for n in (3, 4):
            await publish(client, n=n)
            assert await numbers(page, 2) == [n, n]
    await publish(client, n=5)
    await publish(client, n=6)
    assert await numbers(page, 2) == [5, 6]


async def test_a_number_of_times_holds_for_both(client: Any) -> None:
    page = await client.subscribe(1)
    async with client.server.faults.duplicate(times=1):
        await publish(client, n=1)
        assert await numbers(page, 2) == [1, 1]
        await publish(client, n=2)
        await publish(client, n=3)
        assert await numbers(page, 2) == [2, 3]


async def test_milliseconds_are_those_of_the_servers_clock(start: Any, clock: Any) -> None:
    client = await start(clock=clock)
    page = await client.subscribe(1)
    fault = await client.server.faults.delay(3000)
    await publish(client, n=1)
    await fault.wait_struck()
    clock.advance(2.9)
    await (await page.socket.ping())  # meanwhile whatever was free to go would have gone
    assert [connection.messages for connection in await client.server.connections()] == [0]
    clock.advance(0.1)
    assert (await page.event())["params"] == {"n": 1}


@pytest.mark.parametrize("how", [503, 1013])
async def test_refusing_is_by_status_or_close_code(client: Any, how: int) -> None:
    async with client.server.faults.refuse(how, user=1, reason="later"):
        if how < 1000:
            with pytest.raises(InvalidStatus, match="503"):
                await client.open(await client.query(1))
        else:
            page = await client.open(await client.query(1))
            assert await page.closed() == (1013, "later")
    await client.subscribe(1)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("half_open", ()),
        ("reorder", ()),
        ("truncate", ()),
        ("malformed", ()),
        ("slow_accept", (100,)),
    ],
)
async def test_every_fault_has_a_name(client: Any, name: str, arguments: tuple[Any, ...]) -> None:
    async with getattr(client.server.faults, name)(*arguments, user=1) as fault:
        (entry,) = await client.server.faults.entries()
        assert (entry.number, entry.fault.kind, entry.fault.user) == (fault.number, name, 1)
        assert entry.fault.times is None
    assert await client.server.faults.entries() == []


async def test_what_happens_to_all_is_there_by_name_as_well(client: Any) -> None:
    faults = client.server.faults
    first = await client.config()
    await faults.expire_channel(1)
    await faults.revision(20)
    second = await client.config()
    assert first["channels"]["private"]["id"] != second["channels"]["private"]["id"]
    assert second["api"]["revision_web"] == 20
    await publish(client)
    assert await faults.evict_history(1) == 1
    page = await client.subscribe(1)
    await faults.expire_config(1)
    assert (await page.event())["command"].lower() == "config_expire"
    await faults.restart()
    assert (await page.closed())[0] == 1001


async def test_what_cannot_be_is_refused_before_it_strikes(client: Any) -> None:
    with pytest.raises(EventError, match="when: must be now or message"):
        await client.server.faults.drop(when="later")
    with pytest.raises(EventError, match="status: must be from 400"):
        await client.server.faults.refuse(200)
    assert await client.server.faults.entries() == []


def test_from_another_thread(push_server: PushServer, make_query: Callable[..., str]) -> None:
    def open_page() -> Any:
        query = make_query(push_server.config(1))
        return connect(f"ws://127.0.0.1:{push_server.port}/bitrix/subws/?{query}", proxy=None)

    with open_page() as page:
        push_server.wait_connected(1)
        push_server.faults.drop()
        with pytest.raises(Exception, match="no close frame"):
            page.recv()
    with push_server.faults.refuse(503, user=1) as fault:
        with pytest.raises(InvalidStatus, match="503"):
            open_page()
        fault.wait_struck()
    with open_page():
        push_server.wait_connected(1)
    push_server.reset()
    assert push_server.faults.entries() == []
    push_server.faults.revision(21)
    answer = httpx.post(f"{push_server.url}/rest/pull.config.get.json", trust_env=False)
    assert answer.json()["result"]["api"]["revision_web"] == 21


@pytest.mark.parametrize("name", ["drop", "half_open"])
def test_a_block_may_be_for_one_connection(
    push_server: PushServer, make_query: Callable[..., str], name: str
) -> None:
    query = make_query(push_server.config(1))
    url = f"ws://127.0.0.1:{push_server.port}/bitrix/subws/?{query}"
    # Nobody answers its close frame.
    with connect(url, proxy=None, close_timeout=0):
        push_server.wait_connected(1)
        (connection,) = push_server.connections()
        with getattr(push_server.faults, name)(connection=connection.number):
            pass
        assert push_server.faults.entries() == []
