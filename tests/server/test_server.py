"""bxpull_server.server: the same server from a program without an event loop."""

import asyncio
import inspect
import json
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bxpull_server import AsyncPushServer, ManualClock, PushServer
from bxpull_server.api.faults import Faults
from bxpull_server.api.thread_faults import ThreadFaults
from bxpull_server.errors import EventError, NotRunningError, PortInUseError
from bxpull_server.parked_polls import KEEP_S
from bxpull_server.protocol.text import decode_text
from bxpull_server.server import new_event_loop


def subscribe(server: PushServer, make_query: Any) -> Any:
    config = httpx.post(f"{server.url}/rest/pull.config.get", trust_env=False).json()["result"]
    return connect(f"{config['server']['websocket']}?{make_query(config)}", proxy=None)


def test_everything_the_async_server_offers_is_here_with_the_same_parameters() -> None:
    for name, member in inspect.getmembers(AsyncPushServer):
        if name.startswith("_"):
            continue
        mine = getattr(PushServer, name)
        if inspect.isfunction(member):
            assert inspect.signature(mine) == inspect.signature(member), name


def test_faults_are_the_same_here_with_the_same_parameters(push_server: PushServer, make_query: Any) -> None:
    names = [name for name, _ in inspect.getmembers(Faults, inspect.isfunction) if not name.startswith("_")]
    assert {"add", "clear", "entries", "wait_struck", "drop", "restart"} <= set(names)
    for name in names:
        mine, other = getattr(ThreadFaults, name), getattr(Faults, name)
        assert inspect.signature(mine) == inspect.signature(other), name
    with subscribe(push_server, make_query) as page:
        push_server.wait_connected(1)
        number = push_server.faults.add("drop", user=1)
        push_server.faults.wait_struck(number)
        with pytest.raises(ConnectionClosed):
            page.recv()
    assert [entry.struck for entry in push_server.faults.entries()] == [1]
    assert push_server.faults.clear() == 1


def test_a_test_moves_the_time_of_the_server(make_query: Any) -> None:
    clock = ManualClock()
    with PushServer(server_version=5, clock=clock) as server, ThreadPoolExecutor(1) as other:
        url = (
            f"ws://127.0.0.1:{server.port}/bitrix/subws/?{make_query(server.config(1), flags='jsonRpc=true')}"
        )
        with connect(url, proxy=None) as page:
            page.send(
                json.dumps({"jsonrpc": "2.0", "method": "subscribeStatusChange", "params": {"userId": 2}})
            )
            page.send(json.dumps({"jsonrpc": "2.0", "method": "ping", "id": 1}))
            page.recv()
            query = make_query(server.config(2))
            poll = other.submit(httpx.get, f"{server.url}/bitrix/sub/?{query}", trust_env=False)
            assert json.loads(page.recv())["params"]["body"]["params"] == {"user_id": 2, "online": True}
            clock.advance(40)
            assert poll.result().status_code == 304
            assert [page.recv() for _ in range(4)] == ["ping"] * 4
            server.wait_delivered()
            clock.advance(KEEP_S)
            server.wait_disconnected(2)
            assert json.loads(page.recv())["params"]["body"]["params"] == {"user_id": 2, "online": False}


def test_events_arrive(push_server: PushServer, make_query: Any) -> None:
    with subscribe(push_server, make_query) as page:
        push_server.wait_connected(1)
        push_server.watch_add(1, "TAG")
        channel = push_server.requests[-1]
        mids = [
            push_server.add_by_user(1, module_id="m", command="c", params={"a": 1}),
            push_server.add_by_users([1], module_id="m", command="c"),
            push_server.add_shared(module_id="m", command="c"),
            push_server.add_to_stack("TAG", module_id="m", command="c"),
        ]
        push_server.wait_delivered()
        got: list[str] = []
        while len(got) < len(mids):
            got += [record["mid"] for record in decode_text(str(page.recv())).records]
        assert got == mids
        assert push_server.send_raw(1, "raw") == 1
        assert page.recv() == "raw"
        assert channel.connection == 1  # type: ignore[union-attr]
        assert push_server.disconnect(1, 3002, "x") == 1
        with pytest.raises(ConnectionClosed) as caught:
            page.recv()
        assert caught.value.rcvd is not None
        assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (3002, "x")


def test_the_rest_reaches_the_async_server_too(push_server: PushServer) -> None:
    push_server.add_by_channel("a" * 32, module_id="m", command="c")
    push_server.expire_config()
    push_server.expire_channel(1)
    push_server.server_restart()
    push_server.set_user(2, server_version=5)
    assert push_server.config(2)["server"]["version"] == 5
    push_server.add_application("app.1", "t0ken", user=2)
    assert push_server.config(2, "app.1")["channels"]["private"]["type"] == "app.1"
    assert push_server.public_channel(2) == push_server.config(2)["publicChannels"]["2"]
    push_server.set_last_seen(2, 0)
    assert list(push_server.last_seen([2, 3])) == [2]
    push_server.wait_disconnected(1)
    push_server.add_page("/x", "text/plain", "page")
    assert httpx.get(f"{push_server.url}/x", trust_env=False).text == "page"
    assert push_server.connections() == []
    assert httpx.post(f"{push_server.url}/rest/server.time", trust_env=False).status_code == 200
    assert push_server.wait_request(lambda _entry: True) == push_server.requests[0]
    push_server.clear_requests()
    assert push_server.requests == []
    assert push_server.options.user == 1
    port = push_server.port
    push_server.restart()
    assert push_server.port == port


def test_a_stopped_server_keeps_its_ports_until_it_starts_again(push_server: PushServer) -> None:
    ports = (push_server.port, *push_server.add_ports(3))
    for leave in (push_server.stop, push_server.start, push_server.restart, push_server.stop):
        leave()
    for port in ports:
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", port))
    push_server.start()
    assert (push_server.port, *push_server.more_ports) == ports


def test_more_ports_lead_to_the_same_server_and_stay_when_it_restarts(push_server: PushServer) -> None:
    ports = push_server.add_ports(2)
    assert push_server.add_ports(1)[:2] == ports
    push_server.add_page("/x", "text/plain", "page")
    push_server.restart()
    for port in (push_server.port, *push_server.more_ports):
        assert httpx.get(f"http://127.0.0.1:{port}/x", trust_env=False).text == "page"
    push_server.stop()
    for port in push_server.more_ports:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/x", trust_env=False)
    with pytest.raises(NotRunningError):
        push_server.add_ports(1)


def test_errors_come_through(push_server: PushServer) -> None:
    with pytest.raises(EventError, match="command"):
        push_server.add_by_user(1, module_id="m", command="")
    with pytest.raises(PortInUseError):
        PushServer(port=push_server.port).start()


def test_starting_and_stopping_twice_is_harmless_and_leaves_no_thread() -> None:
    server = PushServer()
    server.stop()
    server.start()
    server.start()
    server.stop()
    server.stop()
    assert server.requests == []
    assert not any(thread.name == "bxpull-server" for thread in threading.enumerate())
    with pytest.raises(NotRunningError, match="is not running"):
        server.connections()


def in_threads(count: int, action: Callable[[], None]) -> None:
    threads = [threading.Thread(target=action) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_may_start_and_stop_it_at_the_same_time() -> None:
    server = PushServer()
    ports: list[int] = []

    def start() -> None:
        server.start()
        ports.append(server.port)

    in_threads(6, start)
    assert len(set(ports)) == 1
    in_threads(6, server.stop)
    assert not any(thread.name == "bxpull-server" for thread in threading.enumerate())


def test_a_thread_that_publishes_sees_nothing_of_a_restart_and_is_told_of_the_end() -> None:
    server = PushServer()
    server.start()
    sent: list[str] = []
    seen: list[NotRunningError] = []
    published = threading.Event()

    def publish() -> None:
        try:
            while True:
                sent.append(server.add_by_user(1, module_id="m", command="c"))
                published.set()
        except NotRunningError as error:
            seen.append(error)

    publisher = threading.Thread(target=publish)
    publisher.start()
    for _ in range(5):
        published.clear()
        server.restart()
        assert published.wait(10)
        assert seen == []
    server.stop()
    publisher.join(10)
    assert len(seen) == 1
    assert sent == sorted(set(sent))


def test_it_does_not_wait_for_itself(push_server: PushServer) -> None:
    async def inside(_server: AsyncPushServer) -> None:
        with pytest.raises(NotRunningError, match="from its own thread"):
            push_server.connections()

    push_server.call(inside)


def test_ten_thousand_events_arrive_in_order(push_server: PushServer, make_query: Any) -> None:
    with subscribe(push_server, make_query) as page:
        push_server.wait_connected(1)
        got: list[str] = []

        def read() -> None:
            while len(got) < 10_000:
                got.extend(record["mid"] for record in decode_text(str(page.recv())).records)

        reader = threading.Thread(target=read)
        reader.start()
        sent = [
            push_server.add_by_user(1, module_id="m", command="c", params={"n": n}) for n in range(10_000)
        ]
        reader.join()
    assert got == sent


def test_works_without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = new_event_loop()
    loop.close()
    assert type(loop).__module__.startswith("asyncio")
    with PushServer() as server:
        assert httpx.get(server.url, trust_env=False).status_code == 200


def test_uses_uvloop_where_it_is_installed() -> None:
    loop = new_event_loop()
    loop.close()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    assert type(loop).__module__.startswith("uvloop")


async def test_a_server_can_be_started_and_stopped_where_another_event_loop_is_running() -> None:
    with PushServer() as server:
        assert server.port > 0
