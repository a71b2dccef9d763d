"""bxpull_server.fan_out: what is published in one turn of the loop goes out together, each once, in order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from bxpull_server.connection import Connection
from bxpull_server.fan_out import rest_after
from bxpull_server.protocol.text import TextCodec, decode_text
from tests.server.noting import Written, noting

if TYPE_CHECKING:
    from bxpull_server.protocol.messages import Message


def numbers(text: str) -> list[int]:
    return [record["text"]["params"]["n"] for record in decode_text(text).records]


async def publish(client: Any, n: int) -> None:
    await client.server.add_shared(module_id="m", command="c", params={"n": n})


async def test_what_comes_in_one_turn_is_one_write_and_the_same_bytes_for_all(client: Any) -> None:
    pages = [await client.subscribe(user) for user in (1, 2, 3)]
    written = [Written(connection) for connection in client.server._services.hub.connections]
    for n in range(5):
        await publish(client, n)
    assert [numbers(await page.socket.recv()) for page in pages] == [list(range(5))] * 3
    assert [len(writes) for writes in written] == [1, 1, 1]
    assert written[0][0] is written[1][0] is written[2][0]


async def test_what_one_turn_brings_is_encoded_before_the_first_of_it_is_written(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [await client.subscribe(user) for user in (1, 2)]
    steps: list[str] = []
    encode, deliver = TextCodec.encode, Connection.deliver
    monkeypatch.setattr(TextCodec, "encode", noting(steps, "encoded", encode))
    monkeypatch.setattr(Connection, "deliver", noting(steps, "written", deliver))
    for user in (1, 2):
        await client.server.add_by_user(user, module_id="m", command="c", params={"n": user})
    assert [numbers(await page.socket.recv()) for page in pages] == [[1], [2]]
    assert steps == ["encoded", "encoded", "written", "written"]


async def test_what_cannot_be_encoded_costs_nobody_else_theirs(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [await client.subscribe(user) for user in (1, 2)]
    encode = TextCodec.encode

    def fail(codec: TextCodec, message: Message) -> str:
        assert '"n":1' not in message.body
        return encode(codec, message)

    monkeypatch.setattr(TextCodec, "encode", fail)
    for user in (1, 2):
        await client.server.add_by_user(user, module_id="m", command="c", params={"n": user})
    assert numbers(await pages[1].socket.recv()) == [2]
    with pytest.raises(ConnectionClosed):
        await pages[0].socket.recv()
    assert caplog.text.count("cannot be written to: cut") == 1


async def test_who_comes_after_an_event_does_not_get_it_and_who_was_there_does(client: Any) -> None:
    first = await client.subscribe(1)
    await publish(client, 1)
    second = await client.subscribe(2)
    await publish(client, 2)
    got: list[int] = []
    while len(got) < 2:
        got += numbers(await first.socket.recv())
    assert got == [1, 2]
    assert numbers(await second.socket.recv()) == [2]


async def test_a_close_comes_after_what_was_published_before_it(client: Any) -> None:
    page = await client.subscribe(1)
    await publish(client, 1)
    await client.server.disconnect(1, 3000)
    await publish(client, 2)
    assert numbers(await page.socket.recv()) == [1]
    assert (await page.closed())[0] == 3000


async def test_events_of_several_channels_come_in_their_order_and_once(client: Any) -> None:
    pages = [await client.subscribe(user) for user in (1, 2)]
    for n in range(0, 6, 2):
        await publish(client, n)
        for user in (1, 2):
            await client.server.add_by_user(user, module_id="m", command="c", params={"n": n + 1})
    for page in pages:
        got: list[int] = []
        while len(got) < 6:
            got += numbers(await page.socket.recv())
        assert got == list(range(6))


async def test_after_a_long_round_what_comes_meanwhile_goes_out_together(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await client.subscribe(1)
    (connection,) = client.server._services.hub.connections
    written = Written(connection)
    fan_out = client.server._services.hub._fan_out
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(fan_out, "_rests_until", loop.time() + 3600)
    for n in range(3):
        await publish(client, n)
        await asyncio.wait([loop.create_future()], timeout=0)
    assert written == []
    await client.server.wait_delivered()
    assert (numbers(await page.socket.recv()), len(written)) == ([0, 1, 2], 1)


@pytest.mark.parametrize(
    ("events", "deliveries", "rest_s"),
    [
        pytest.param(1, 1000, 0.01 * 0.999, id="one event for many"),
        pytest.param(10, 20, 0.005, id="each for two"),
        pytest.param(16, 16, 0, id="each for one"),
        pytest.param(50, 1, 0, id="many for one"),
        pytest.param(1, 0, 0, id="all have left"),
    ],
)
def test_a_round_is_followed_by_a_rest_as_far_as_that_spares_writes(
    events: int, deliveries: int, rest_s: float
) -> None:
    assert rest_after(0.01, events, deliveries) == pytest.approx(rest_s)


def test_a_rest_is_never_long() -> None:
    assert rest_after(3, 1, 10_000) == pytest.approx(0.05, rel=0.01)


async def test_one_that_cannot_be_written_to_is_cut_and_the_others_get_theirs(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = await client.subscribe(1), await client.subscribe(2)
    (connection,) = client.server._services.hub.of_user(1)
    deliver = Connection.deliver
    monkeypatch.setattr(
        Connection, "deliver", lambda one, batch: 1 / 0 if one is connection else deliver(one, batch)
    )
    await publish(client, 1)
    assert numbers(await sound.socket.recv()) == [1]
    assert (await broken.closed())[0] == 1006
    assert "ZeroDivisionError" in caplog.text
