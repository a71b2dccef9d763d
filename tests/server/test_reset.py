"""bxpull_server.async_server: a server that forgets everything, for the next test."""

from typing import Any

import httpx
import pytest

from bxpull_server import PushServer
from bxpull_server.errors import OptionsError


async def test_nothing_is_left_of_what_was(client: Any) -> None:
    server = client.server
    page = await client.subscribe(1)
    old = await client.config()
    first = await server.add_by_user(1, module_id="test", command="check")
    await server.add_page("/mine.html", "text/html", "mine")
    await server.watch_add(1, "TAG")
    await server.set_user(1, server_version=5)
    await server.add_application("app.1", "TOKEN", user=1)
    await server.set_last_seen(7, 1_000_000_000)
    await server.faults.add("refuse", status=503, times=None)
    url = server.url

    await server.reset()

    assert await page.closed() == (1001, "")
    assert server.url == url
    assert (await server.connections(), server.requests, await server.faults.entries()) == ([], [], [])
    new = await client.config()
    assert new["channels"]["private"]["id"] != old["channels"]["private"]["id"]
    assert new["server"]["version"] == 4
    assert (await client.http.get("/mine.html")).status_code == 404
    assert await server.add_to_stack("TAG", module_id="test", command="check") is None
    assert await server.last_seen([7]) == {}
    answer = await client.http.post("/rest/pull.application.config.get.json", data={"auth": "TOKEN"})
    assert answer.status_code == 401
    # Nothing of before is replayed.
    again = await client.subscribe(1, mid=first)
    await server.add_by_user(1, module_id="test", command="check", params={"n": 2})
    event = await again.event()
    while event["module_id"] == "pull":
        event = await again.event()
    assert event["params"] == {"n": 2}


async def test_options_may_be_others_from_then_on(client: Any) -> None:
    await client.server.reset(server_version=5, pages={"/a.html": ("text/html", "a")})
    assert (await client.config())["server"]["version"] == 5
    assert (await client.http.get("/a.html")).text == "a"
    await client.server.reset()
    assert client.server.options.server_version == 5
    with pytest.raises(OptionsError, match="option port: is fixed"):
        await client.server.reset(port=1)
    with pytest.raises(OptionsError, match="option server_version"):
        await client.server.reset(server_version=9)
    assert (await client.config())["server"]["version"] == 5


async def test_it_goes_on_as_a_server_does(client: Any) -> None:
    await client.server.reset()
    page = await client.subscribe(1)
    await client.server.restart()
    assert (await page.closed())[0] == 1001
    page = await client.subscribe(1)
    await client.server.add_by_user(1, module_id="test", command="check", params={"n": 1})
    assert (await page.event())["params"] == {"n": 1}


def test_from_another_thread(push_server: PushServer) -> None:
    push_server.add_page("/a.html", "text/html", "a")
    push_server.reset(user=5)
    assert httpx.get(f"{push_server.url}/a.html", trust_env=False).status_code == 404
    assert push_server.options.user == 5
