"""bxpull_server.api.publishing."""

from typing import Any

import pytest

from bxpull_server.errors import ChannelError, EventError


async def test_events_go_where_their_names_say(client: Any) -> None:
    server = client.server
    one, two = await client.subscribe(1), await client.subscribe(2)
    channel = (await client.config(bxpull_user=2))["channels"]["private"]["id"]
    event = {"module_id": "m", "command": "c"}
    await server.watch_add(2, "TAG")
    ones = [await server.add_by_user(1, **event), await server.add_by_users([1, 2], **event)]
    twos = [ones[1], await server.add_to_stack("TAG", **event), await server.add_by_channel(channel, **event)]
    ones.append(await server.add_shared(**event))
    twos.append(ones[2])
    assert await server.add_to_stack("OTHER", **event) is None
    assert [(await one.record())["mid"] for _ in ones] == ones
    assert [(await two.record())["mid"] for _ in twos] == twos


async def test_bad_events_are_refused(client: Any) -> None:
    server = client.server
    with pytest.raises(EventError, match="user: must be a user id"):
        await server.add_by_user(0, module_id="m", command="c")
    with pytest.raises(EventError, match="params: must be a mapping"):
        await server.add_by_user(1, module_id="m", command="c", params="text")
    with pytest.raises(EventError, match="tag: must not be empty"):
        await server.watch_add(1, "")
    with pytest.raises(ChannelError):
        await server.add_by_channel("x", module_id="m", command="c")


async def test_an_event_over_the_limit_is_refused(client: Any) -> None:
    with pytest.raises(EventError, match=r"event: it has \d+ bytes: at most 1048576 can be published"):
        await client.server.add_by_user(1, module_id="m", command="c", params={"x": "ж" * 530_000})
    assert await client.server.add_by_user(1, module_id="m", command="c", params={"x": "x" * 1_000_000})


async def test_one_user_s_params_and_a_dictionary_are_merged_into_the_event(client: Any) -> None:
    one, two = await client.subscribe(1), await client.subscribe(2)
    mid = await client.server.add_by_users(
        [1, 2],
        module_id="m",
        command="c",
        params={"a": 1, "b": 1, "c": 1},
        dictionary={"b": 2, "c": 2},
        user_params={2: {"c": 3}},
    )
    records = [await one.record(), await two.record()]
    assert [record["mid"] for record in records] == [mid, mid]
    assert [record["text"]["params"] for record in records] == [
        {"a": 1, "b": 2, "c": 2},
        {"a": 1, "b": 2, "c": 3},
    ]


@pytest.mark.parametrize(
    ("additions", "problem"),
    [
        ({"user_params": {3: {}}}, "user_params: 3 is none of the users the event is for"),
        ({"user_params": [1]}, "user_params: must map a user id to further params"),
        ({"user_params": {1: 5}}, "user_params"),
        ({"dictionary": [1]}, "dictionary"),
        ({"dictionary": {"a": {1, 2}}}, "dictionary"),
    ],
)
async def test_bad_additions_are_named(client: Any, additions: dict[str, Any], problem: str) -> None:
    with pytest.raises(EventError, match=problem):
        await client.server.add_by_users([1, 2], module_id="m", command="c", **additions)


async def test_a_message_can_be_sent_as_it_is(client: Any) -> None:
    page = await client.subscribe(1)
    assert await client.server.send_raw(1, "text") == 1
    assert await client.server.send_raw(1, b"\x00\xff") == 1
    assert await client.server.send_raw(2, "text") == 0
    with pytest.raises(EventError, match="message: has half a character at 0"):
        await client.server.send_raw(1, "\ud800")
    assert [await page.socket.recv(), await page.socket.recv()] == ["text", b"\x00\xff"]
