"""bxpull_server.web.control_events, over HTTP."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest

from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.web import control_events


class Onlooker:
    """Reads the stream line by line."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def line(self) -> str:
        return await asyncio.wait_for(anext(self._lines), 5)

    async def event(self) -> Any:
        return json.loads(await self.line())

    async def end(self) -> None:
        with pytest.raises(StopAsyncIteration):
            await self.line()


@asynccontextmanager
async def onlooker(client: Any, query: str = "") -> AsyncIterator[Onlooker]:
    async with client.http.stream("GET", f"/control/events{query}") as answer:
        assert answer.status_code == 200
        yield Onlooker(answer.aiter_lines())


async def test_an_event_is_told_with_all_that_belongs_to_it(client: Any) -> None:
    await client.subscribe(1)
    async with onlooker(client) as seen:
        mid = await client.server.add_by_users(
            [1, -2],
            module_id="main",
            command="check",
            params={"a": "ä"},
            extra={"x": 1},
            expiry=5,
            user_params={-2: {"badge": 3}},
            dictionary={"b": 2},
        )
        event = await seen.event()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", event.pop("time"))
        assert event.pop("extra")["x"] == 1
        assert event == {
            "mid": mid,
            "sender": "backend",
            "targets": [
                {"channel": "private", "user": 1},
                {"channel": "private", "user": -2, "params": {"badge": 3}},
            ],
            "module": "main",
            "command": "check",
            "params": {"a": "ä", "b": 2},
            "expiry": 5,
            "delivered": 1,
        }


async def test_each_way_to_publish_is_seen(start: Callable[..., Any]) -> None:
    client = await start(server_version=5)
    page = await client.subscribe(5, flags="jsonRpc=true")
    private = quote((await client.config(bxpull_user=5))["channels"]["private"]["id"], safe="")
    event = {"module_id": "m", "command": "c"}
    async with onlooker(client) as seen:
        await client.http.post("/control/send", json={"user": 5, "module": "m", "command": "c"})
        assert (await seen.event())["targets"] == [{"channel": "private", "user": 5}]
        await client.server.add_shared(module_id="m", command="c")
        assert (await seen.event())["targets"] == [{"channel": "shared"}]
        await client.http.post(f"/bitrix/pub/?CHANNEL_ID={private}", json=event)
        told = await seen.event()
        assert (told["module"], told["params"], told["extra"]) == ("m", None, None)
        assert told["targets"] == [{"channel": "private", "user": 5}]
        await client.http.post(f"/bitrix/pub/?CHANNEL_ID={'0' * 32}", json=event)
        told = await seen.event()
        assert told["targets"] == [{"channel": "unknown", "fingerprint": fingerprint("0" * 32)}]
        await page.call("publish", userList=[6], body=event)
        told = await seen.event()
        assert (told["sender"], told["targets"]) == ("page", [{"channel": "public", "user": 6}])
        await page.call("subscribeStatusChange", userId=7)
        await client.subscribe(7)
        assert (await seen.event())["targets"] == [{"channel": "status", "of": 7}]
        await client.server.add_application("app.1", "TOKEN", user=5)
        application = (await client.server.config(5, application="app.1"))["channels"]["private"]["id"]
        await client.http.post(f"/bitrix/pub/?CHANNEL_ID={quote(application, safe='')}", json=event)
        target = {"channel": "private", "user": 5, "application": "app.1"}
        assert (await seen.event())["targets"] == [target]


async def test_no_channel_id_is_told(client: Any) -> None:
    config = await client.config(bxpull_user=1)
    ids = re.findall(r"[0-9a-f]{32}", json.dumps(config["channels"]))
    async with onlooker(client) as seen:
        await client.server.expire_channel(1, new_channel=True)
        line = await seen.line()
    assert json.loads(line)["command"] == "channel_expire"
    assert ids
    assert not re.search(r"[0-9a-f]{32}", line.replace(json.loads(line)["mid"], ""))


@pytest.mark.parametrize(
    ("query", "commands"),
    [
        ("?user=5", ["for-5", "for-all"]),
        ("?user=5&user=6", ["for-5", "for-6", "for-all"]),
        ("?module=Main", ["for-5", "for-6"]),
        ("?module=im&command=for-all", ["for-all"]),
        ("?command=for-6&command=for-5", ["for-5", "for-6"]),
    ],
)
async def test_only_what_is_wanted_is_told(client: Any, query: str, commands: list[str]) -> None:
    async with onlooker(client, query) as seen:
        await client.server.add_by_user(5, module_id="main", command="for-5")
        await client.server.add_by_user(6, module_id="main", command="for-6")
        await client.server.add_shared(module_id="im", command="for-all")
        await client.server.stop()
        assert [(await seen.event())["command"] for _ in commands] == commands
        await seen.end()


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("?user=x", "user: must be a user id, or a negative guest id, not 'x'"),
        ("?user=0", "user: must be a user id, or a negative guest id, not 0"),
        ("?usr=1", "usr: there is no such filter; known are user, module, command"),
    ],
)
async def test_a_bad_filter_is_refused(client: Any, query: str, problem: str) -> None:
    answer = await client.http.get(f"/control/events{query}")
    assert (answer.status_code, answer.json()["error_description"]) == (400, problem)


async def test_it_is_not_for_others(client: Any) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"X-Forwarded-For": "10.0.0.1"}):
        answer = await client.http.get("/control/events", headers=headers)
        assert answer.status_code == 403
    assert (
        await client.http.get("/control/events", headers={"Authorization": "Bearer x"})
    ).status_code == 401
    assert (await client.http.head("/control/events")).status_code == 405
    assert client.server._hub.feed.readers == 0


async def test_a_server_that_stops_ends_the_stream_in_order(client: Any) -> None:
    async with onlooker(client) as seen:
        await client.server.stop()
        await seen.end()


async def test_who_goes_away_is_forgotten(client: Any) -> None:
    feed = client.server._hub.feed
    async with onlooker(client):
        assert feed.readers == 1
    async with asyncio.timeout(5):
        while feed.readers:  # the server hears of it a moment later
            await client.http.get("/control/state")


async def test_what_a_reader_is_too_slow_for_is_said(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.server._hub.feed, "_max_events", 2)
    async with onlooker(client) as seen:
        # No turn of the event loop in between, so nothing can be read.
        publishing = [
            client.server.add_by_user(1, module_id="m", command=f"c{number}") for number in range(5)
        ]
        await asyncio.gather(*publishing)
        notice = await seen.event()
        assert re.fullmatch(r"\d events were left out: .*", notice["notice"])
        left_out = int(notice["notice"][0])
        assert (await seen.event())["command"] == f"c{left_out}"


async def test_silence_is_broken_now_and_then(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_events, "HEARTBEAT_S", 0.01)
    async with onlooker(client) as seen:
        assert await seen.line() == ""
        assert await seen.line() == ""
