"""Fixtures of the server's tests: running servers, subscribers on real sockets, a clock that stands still."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from bxpull_server import AsyncPushServer, ManualClock, PushServer
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.protobuf.schema import OutgoingMessage
from bxpull_server.protocol.text import decode_text
from tests.server import fuzzing

_INPUTS = "inputs"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands over what this worker has tried."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_INPUTS] = fuzzing.tried.inputs


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Adds what a worker has tried."""
    fuzzing.tried.inputs += getattr(node, "workeroutput", {}).get(_INPUTS, 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how many inputs a long run has tried."""
    if fuzzing.TOTAL:
        tried = f"{fuzzing.tried.inputs:,} inputs, where all tests were asked for {fuzzing.TOTAL:,}"
        terminalreporter.write_line(f"{tried}; seed {fuzzing.SEED}")


class Subscriber:
    """A WebSocket client that reads events one by one, in any format."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._records: list[dict[str, Any]] = []
        self._messages: list[OutgoingMessage] = []
        self._incoming: list[dict[str, Any]] = []
        self._answers: list[Any] = []
        self._calls = itertools.count(1)

    async def record(self) -> dict[str, Any]:
        """The next text record."""
        while not self._records:
            message = await self.socket.recv(decode=True)
            decoded = decode_text(message)
            assert decoded.damaged == 0, message
            self._records.extend(decoded.records)
        return self._records.pop(0)

    async def event(self) -> dict[str, Any]:
        """The event of the next record."""
        event: dict[str, Any] = (await self.record())["text"]
        return event

    async def message(self) -> OutgoingMessage:
        """The next protobuf message."""
        while not self._messages:
            payload = await self.socket.recv()
            assert isinstance(payload, bytes)
            decoded = decode_frame(payload)
            assert decoded.damaged == 0, payload
            self._messages.extend(decoded.messages)
        return self._messages.pop(0)

    async def incoming(self) -> dict[str, Any]:
        """Params of the next JSON-RPC ``incoming.message``; what else comes is kept for :meth:`answer`."""
        while not self._incoming:
            await self._read_json_rpc()
        return self._incoming.pop(0)

    async def answer(self) -> Any:
        """The next JSON-RPC response, or array of them."""
        while not self._answers:
            await self._read_json_rpc()
        return self._answers.pop(0)

    async def _read_json_rpc(self) -> None:
        payload = await self.socket.recv(decode=True)
        if payload == "ping":
            return
        found = decode_incoming(payload)
        self._incoming.extend(found.events)
        if not found.events:
            self._answers.append(json.loads(payload))

    async def call(self, method: str, **params: Any) -> Any:
        """The result of a JSON-RPC call, or its error."""
        number = next(self._calls)
        await self.socket.send(
            json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": number})
        )
        answer = await self.answer()
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", number)
        return answer["result"] if "result" in answer else answer["error"]

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait for the end; its close code and reason."""
        await self.socket.wait_closed()
        return self.socket.close_code, self.socket.close_reason


class Client:
    """Talks to one server as pages, back ends and scripts do."""

    def __init__(self, server: AsyncPushServer, http: httpx.AsyncClient, stack: AsyncExitStack) -> None:
        self.server = server
        self.http = http
        self._stack = stack

    async def config(self, **fields: Any) -> dict[str, Any]:
        """The pull config for a page's user; ``bxpull_user`` or ``pull_guest_id`` may be given."""
        query = {key: value for key, value in fields.items() if key == "bxpull_user"}
        body = {key: value for key, value in fields.items() if key != "bxpull_user"}
        answer = await self.http.post("/rest/pull.config.get.json", params=query, data=body)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result

    async def open(self, query: str) -> Subscriber:
        """Open a WebSocket with this query string."""
        url = f"ws://127.0.0.1:{self.server.port}/bitrix/subws/?{query}"
        socket = await self._stack.enter_async_context(connect(url, proxy=None))
        return Subscriber(socket)

    async def query(self, user: int = 1, mid: str | None = None, *, flags: str = "") -> str:
        """The query string of a page of ``user`` (negative: a guest)."""
        fields = {"pull_guest_id": user} if user < 0 else {"bxpull_user": user}
        return subscription(await self.config(**fields), mid, flags)

    async def subscribe(self, user: int = 1, mid: str | None = None, *, flags: str = "") -> Subscriber:
        """A connected page of ``user``; ``flags`` choose the format, as ``binaryMode=true``."""
        before = sum(c.user == user for c in await self.server.connections())
        subscriber = await self.open(await self.query(user, mid, flags=flags))
        await self.server.wait_connected(user, before + 1)
        return subscriber


def subscription(config: dict[str, Any], mid: str | None = None, flags: str = "") -> str:
    """The query string a client makes from its config: with its token if ``flags`` ask for JSON-RPC."""
    channels = config["channels"]
    if "jsonRpc" in flags:
        query = f"token={config['jwt']}"
    else:
        query = "CHANNEL_ID=" + quote(f"{channels['private']['id']}/{channels['shared']['id']}", safe="")
    return "&".join(filter(None, (query, flags, f"mid={mid}" if mid else "", "revision=19")))


ClientFactory = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start() -> AsyncIterator[ClientFactory]:
    """Start servers with the options given and talk to them; all are stopped afterwards."""
    async with AsyncExitStack() as stack:

        async def starter(**values: Any) -> Client:
            server = await stack.enter_async_context(AsyncPushServer(**values))
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, trust_env=False))
            return Client(server, http, stack)

        yield starter


@pytest.fixture
async def client(start: ClientFactory) -> Client:
    """A server with default options, and a client of it."""
    return await start()


@pytest.fixture
def push_server() -> Iterator[PushServer]:
    """A running server in a thread, with default options."""
    with PushServer() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves only when told to."""
    return ManualClock()


@pytest.fixture
def make_query() -> Callable[..., str]:
    """See :func:`subscription`."""
    return subscription


@pytest.fixture
def event_json() -> Callable[..., str]:
    """A small event as JSON text."""

    def make(**params: Any) -> str:
        return json.dumps({"module_id": "test", "command": "check", "params": params})

    return make
