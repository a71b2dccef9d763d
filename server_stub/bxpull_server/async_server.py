"""The push server for programs that have an event loop."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable
from contextlib import ExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Self, Unpack
from weakref import WeakValueDictionary

from starlette.types import Receive, Scope, Send

from bxpull_server.api.administration import Administration
from bxpull_server.api.conformance import Conformance
from bxpull_server.api.faults import Faults
from bxpull_server.api.observation import Observation
from bxpull_server.api.parts import NOT_RUNNING
from bxpull_server.api.replaying import Replaying
from bxpull_server.clock import Clock, LoopClock, SystemClock
from bxpull_server.connection import CloseOrder, close_order
from bxpull_server.errors import NotRunningError, OptionsError, WaitTimeoutError
from bxpull_server.faults.injector import Injector
from bxpull_server.hub import Hub
from bxpull_server.inbox import Inbox
from bxpull_server.journal import Journal
from bxpull_server.listener import Listener
from bxpull_server.options import OptionValues, ServerOptions
from bxpull_server.portal import Portal
from bxpull_server.ports import KeptPorts, bind
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.store import MemoryStore
from bxpull_server.upkeep import Upkeep
from bxpull_server.warning_log import WarningLog
from bxpull_server.web.app import Application
from bxpull_server.web.services import Services

STOP_GRACE_S = 2.0


class AsyncPushServer(Replaying, Administration, Observation, Conformance):
    """A push server and its portal in this process, on the running event loop.

    ::

        async with AsyncPushServer(user=1) as server:
            await server.add_by_user(1, module_id="main", command="check", params={"a": 1})

    Args:
        options: All options at once, or
        values: single ones as keywords; they win. See :class:`ServerOptions`.
        clock: Where time and timers come from; None: the machine's.
    """

    def __init__(
        self,
        options: ServerOptions | None = None,
        /,
        *,
        clock: Clock | None = None,
        **values: Unpack[OptionValues],
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        self._warnings = WarningLog(LoopClock(self._clock))
        # Each ends with who made it, not with a reset: pages may be open then.
        self._inboxes = WeakValueDictionary[str, Inbox]()
        self._begin(_options(options or ServerOptions(), values))
        self._listener: Listener | None = None
        self._port = 0
        self._more_ports: tuple[int, ...] = ()
        self._kept_ports = KeptPorts()
        self._restarting = False
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    def _begin(self, options: ServerOptions) -> None:
        """Make all parts of a server that has seen nobody."""
        self.options = options
        on_loop = LoopClock(self._clock)
        key = options.signature_key
        self._store = MemoryStore(self._clock, options.history_limit, options.history_bytes)
        self._hub = Hub(self._store, on_loop, options.queue_limit, self._warnings.warn)
        self._portal = Portal(options, self._hub, on_loop, secrets.token_hex(32) if key is None else key)
        self._services = Services(
            options, self._hub, self._portal, Journal(), on_loop, Injector(self._hub, on_loop)
        )
        self._services.inboxes = self._inboxes
        self._services.restart = self.restart
        self._faults = Faults(self._services.faults, self, self.restart)
        for path, (content_type, content) in options.pages.items():
            self._set_page(path, content_type, content)
        self._upkeep = Upkeep(on_loop, self._store, self._portal.channels)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        self.release_ports()

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            NotRunningError: It was never started.
        """
        if not self._port:
            raise NotRunningError("the server has no port before it was started: call start() or use `with`")
        return self._port

    @property
    def url(self) -> str:
        """``http://host:port``, without a slash at the end."""
        return f"http://{self._authority(self.port)}"

    @property
    def more_ports(self) -> tuple[int, ...]:
        """Those of :meth:`add_ports`."""
        return self._more_ports

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self._faults

    async def start(self) -> None:
        """Listen. Does nothing if it already does; calls at the same time share one start.

        Raises:
            PortInUseError: Somebody else has the port.
            StartError: The host is unknown or the port may not be used, or the client of the conformance page
                cannot be built.
        """
        async with self._one_at_a_time():
            await self._start()

    async def add_ports(self, count: int) -> tuple[int, ...]:
        """Listen on more ports of the same host, too, which the system chooses; the same after a restart.

        For clients that try again at once: browsers let a page wait before it comes to a port again where a
        handshake has failed, Chromium for 10 ms.

        Args:
            count: How many.

        Returns:
            All of :attr:`more_ports`.

        Raises:
            NotRunningError: The server is not running.
        """
        async with self._one_at_a_time():
            self._check_running()
            sockets = self._bind(*[0] * count)
            if self._listener is not None:
                await self._listener.add(sockets)
            self._more_ports += tuple(int(sock.getsockname()[1]) for sock in sockets)
            return self._more_ports

    async def stop(self) -> None:
        """Send what is queued, close every connection with 1001, stop listening. Harmless if not running.

        From now on nothing is taken to be published; who reads too slowly is cut off after 2 seconds.
        Ports that the system chose are kept for the next start: see :meth:`release_ports`.
        """
        async with self._one_at_a_time():
            self._hub.stopping = True
            await self._stop(CloseOrder(CloseCode.GOING_AWAY))

    def release_ports(self) -> None:
        """Let others have the ports that a stopped server keeps for its next start.

        Nobody listens on them meanwhile, but the system gives them to nobody else either: pages that try
        again would come to another server. The end of a ``with`` block lets others have them.
        """
        self._kept_ports.free()

    async def _start(self) -> None:
        if self._listener is None:
            if self.options.conformance:
                await asyncio.to_thread(self._services.conformance.prepare)
            await self._listen(self._port or self.options.port)

    async def _stop(self, order: CloseOrder) -> None:
        self._upkeep.stop()
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._services.stopping = True
        self._services.faults.suspend()
        listener.close()
        chosen = self._more_ports if self.options.port else (self._port, *self._more_ports)
        # uvloop closes sockets in its next turn. To wait for it here would let requests in between.
        asyncio.get_running_loop().call_soon(self._kept_ports.keep, self.options.host, chosen)
        self._hub.close_all(order)
        with suppress(WaitTimeoutError):
            await self._hub.wait_empty(STOP_GRACE_S)
        self._hub.feed.close()
        await listener.stop(STOP_GRACE_S)
        await asyncio.sleep(0)  # the ports are kept by now, whatever of the above had nothing to wait for
        self._warnings.flush()

    async def restart(self, *, keep_history: bool = True, code: int = CloseCode.GOING_AWAY) -> None:
        """Close the listening socket and all connections, then listen again on the same port.

        What is published meanwhile is stored, for those who come back.

        Args:
            keep_history: Clients can resume by mid; False: the stored messages are lost.
            code: Close code the clients see, such as 1001 or 1012; what may be given is as for
                :meth:`disconnect`.

        Raises:
            EventError: The code is none of these.
        """
        order = close_order(code, "")
        async with self._one_at_a_time():
            self._check_running()
            self._restarting = True
            try:
                await self._stop(order)
                if not keep_history:
                    await self._store.clear()
                await self._start()
            finally:
                self._restarting = False

    async def reset(self, **values: Unpack[OptionValues]) -> None:
        """Forget everything, as a server that was just started, on the same port: for the next test.

        Messages, mids, users, channels, watches, applications, pages, faults and the list of requests are
        gone; connections are closed with 1001. Takes about a millisecond.

        Args:
            values: Options that are to be others from now on, as for the constructor; all but ``host`` and
                ``port`` can be. The rest are what they were.

        Raises:
            OptionsError: A value cannot be used; nothing was reset.
        """
        for name in ("host", "port"):
            if name in values:
                raise OptionsError(name, "is fixed once the server runs: make another server")
        options = _options(self.options, values)
        async with self._one_at_a_time():
            self._upkeep.stop()
            self._services.stopping = True
            self._services.faults.suspend()
            self._hub.close_all(CloseOrder(CloseCode.GOING_AWAY))
            self._hub.feed.close()
            self._warnings.flush()
            self._begin(options)
            if self._listener is not None:
                self._open()

    def _one_at_a_time(self) -> asyncio.Lock:
        """Starting, stopping and restarting take turns; a lock serves one loop, a server may see several."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]

    def _check_running(self) -> None:
        if self._listener is None and not self._restarting:
            raise NotRunningError(NOT_RUNNING)

    async def _listen(self, port: int) -> None:
        self._kept_ports.free()
        sockets = self._bind(port, *self._more_ports)
        self._port = int(sockets[0].getsockname()[1])
        listener = Listener(self._serve, sockets, lambda: self._services, self._warnings)
        self._open()
        await listener.start()
        self._listener = listener

    def _bind(self, *ports: int) -> list[socket.socket]:
        """A socket for each, or none at all."""
        with ExitStack() as stack:
            sockets = [stack.enter_context(bind(self.options.host, port)) for port in ports]
            stack.pop_all()
            return sockets

    def _open(self) -> None:
        """Take requests from now on."""
        authority = self._authority(self._port)
        self._services.authority = authority
        self._services.begin()
        self._hub.stopping = False
        self._services.faults.resume()
        self._portal.writer.server_name = self.options.server_name or authority
        self._app = Application(self._services)
        self._upkeep.start()

    def _serve(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """The application of now, for a listener that outlives it."""
        return self._app(scope, receive, send)

    def _authority(self, port: int) -> str:
        host = self.options.host
        if host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
            host = "127.0.0.1"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _options(options: ServerOptions, values: OptionValues) -> ServerOptions:
    for name in values:
        if name not in OptionValues.__annotations__:
            raise OptionsError(
                name, f"there is no such option; known are {', '.join(OptionValues.__annotations__)}"
            )
    return replace(options, **values)
