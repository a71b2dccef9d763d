"""bxpull_server.async_server."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from bxpull_server import AsyncPushServer, ServerOptions
from bxpull_server.errors import (
    NotRunningError,
    OptionsError,
    PortInUseError,
    StartError,
)


async def test_options_and_single_values_combine() -> None:
    server = AsyncPushServer(ServerOptions(user=5, server_version=2), user=7)
    assert (server.options.user, server.options.server_version) == (7, 2)
    with pytest.raises(OptionsError, match="option usr: there is no such option"):
        AsyncPushServer(usr=1)  # type: ignore[call-arg]


async def test_a_server_that_does_not_run_says_so() -> None:
    server = AsyncPushServer()
    with pytest.raises(NotRunningError, match="no port before it was started"):
        _ = server.url
    with pytest.raises(NotRunningError, match="is not running"):
        await server.add_by_user(1, module_id="m", command="c")
    await server.stop()


async def test_stopping_frees_the_port_and_starting_again_takes_it(client: Any) -> None:
    server = client.server
    url = server.url
    await server.start()
    await server.stop()
    with pytest.raises(httpx.ConnectError):
        await client.http.get("/")
    await server.start()
    assert server.url == url
    assert (await client.http.get("/")).status_code == 200


async def test_a_stopped_server_s_ports_are_given_to_nobody_who_asks_for_any(client: Any) -> None:
    server = client.server
    await server.add_ports(2)
    await server.stop()
    kept = {server.port, *server.more_ports}
    for port in kept:
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", port))  # as the system looks at it when it chooses one
    for port in kept:
        await refused(port)
    async with AsyncPushServer(port=server.port):
        pass
    await server.start()
    assert kept == {server.port, *server.more_ports}


async def test_ports_of_a_server_that_has_ended_are_free() -> None:
    async with AsyncPushServer() as server:
        ports = {server.port, *await server.add_ports(1)}
    for port in ports:
        await refused(port)
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))


async def refused(port: int) -> None:
    """Nobody listens there."""
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_in_use_is_named_with_the_fix(client: Any) -> None:
    with pytest.raises(
        PortInUseError, match=f"port {client.server.port} on 127.0.0.1 is in use: stop"
    ) as caught:
        await AsyncPushServer(port=client.server.port).start()
    assert (caught.value.code, caught.value.port) == ("port_in_use", client.server.port)


@pytest.mark.parametrize("host", ["no such host", "portal..example", f"{'a' * 64}.example"])
async def test_an_unknown_host_is_named(host: str) -> None:
    with pytest.raises(StartError, match=f"host '{host}' is unknown"):
        await AsyncPushServer(host=host).start()


async def test_a_host_of_another_machine_is_named() -> None:
    with pytest.raises(StartError, match=r"cannot listen on 192\.0\.2\.1"):
        await AsyncPushServer(host="192.0.2.1").start()


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("localhost", "localhost")])  # noqa: S104
async def test_the_url_can_be_opened_whatever_it_listens_on(host: str, shown: str) -> None:
    async with AsyncPushServer(host=host) as server, httpx.AsyncClient(trust_env=False) as http:
        assert server.url == f"http://{shown}:{server.port}"
        assert (await http.get(server.url)).status_code == 200


async def test_stopping_sends_what_is_queued_and_closes_with_1001(client: Any) -> None:
    page = await client.subscribe(1)
    sent = [await client.server.add_by_user(1, module_id="m", command="c") for _ in range(500)]
    await client.server.stop()
    assert [(await page.record())["mid"] for _ in sent] == sent
    assert await page.closed() == (1001, "")


@pytest.mark.parametrize("keep_history", [True, False])
async def test_restart_keeps_port_and_channels_and_as_asked_the_history(
    client: Any, keep_history: bool
) -> None:
    page = await client.subscribe(1)
    before = await client.config()
    first = await client.server.add_by_user(1, module_id="m", command="first")
    second = await client.server.add_by_user(1, module_id="m", command="second")
    await client.server.restart(keep_history=keep_history)
    assert await page.closed() == (1001, "")
    assert (await client.config())["channels"] == before["channels"]
    page = await client.subscribe(1, mid=first)
    third = await client.server.add_by_user(1, module_id="m", command="third")
    expected = [second, third] if keep_history else [third]
    assert [(await page.record())["mid"] for _ in expected] == expected
    assert first < second < third


async def test_a_subscriber_that_ignores_the_close_does_not_hold_up_stopping(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bxpull_server.async_server.STOP_GRACE_S", 0.01)
    page = await client.subscribe(1)
    page.socket.transport.pause_reading()
    more = {"x": "x" * 500_000}
    for _ in range(20):
        await client.server.add_by_user(1, module_id="m", command="c", params=more)
    await client.server.stop()
    assert await client.server.connections() == []
    page.socket.transport.abort()


async def test_starts_and_stops_at_the_same_time_take_turns() -> None:
    server = AsyncPushServer()
    await asyncio.gather(server.start(), server.start())
    url = server.url
    await asyncio.gather(server.restart(), server.start(), server.restart())
    assert server.url == url
    await asyncio.gather(server.stop(), server.stop())
    with pytest.raises(NotRunningError):
        await server.restart()


async def test_what_is_published_during_a_restart_is_stored(client: Any) -> None:
    page = await client.subscribe(1)
    sent = [await client.server.add_by_user(1, module_id="m", command="c")]
    assert (await page.record())["mid"] == sent[0]
    restarting = asyncio.create_task(client.server.restart())
    while not restarting.done():
        sent.append(await client.server.add_by_user(1, module_id="m", command="c"))
        await asyncio.sleep(0)
    await restarting
    assert len(sent) > 2
    page = await client.subscribe(1, mid=sent[0])
    assert [(await page.record())["mid"] for _ in sent[1:]] == sent[1:]
