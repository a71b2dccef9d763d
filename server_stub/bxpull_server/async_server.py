"""The push server for programs that have an event loop."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self, Unpack

from bxpull_server.channel_book import Holder
from bxpull_server.clock import Clock, SystemClock, Timer
from bxpull_server.connection import CloseOrder, close_order
from bxpull_server.errors import EventError, NotRunningError, OptionsError, WaitTimeoutError
from bxpull_server.hub import Hub
from bxpull_server.journal import Entry, Journal
from bxpull_server.listener import Listener, bind
from bxpull_server.options import OptionValues, ServerOptions, check_page
from bxpull_server.portal import Portal
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.store import MemoryStore
from bxpull_server.users import check_user
from bxpull_server.web.app import make_app
from bxpull_server.web.services import Services

SWEEP_EVERY_S = 60.0
STOP_GRACE_S = 2.0
WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """One connected subscriber.

    Attributes:
        number: Unique in this server.
        user: User id, negative for a guest, 0 if the channels are nobody's.
        format: Wire format: ``text``.
        opened_at: Unix time in seconds.
        sent: Frames handed to the socket.
        queued: Frames that wait.
    """

    number: int
    user: int
    format: str
    opened_at: float
    sent: int
    queued: int


class AsyncPushServer:
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
        self.options = _options(options, values)
        self._clock: Clock = clock or SystemClock()
        key = self.options.signature_key
        self._store = MemoryStore(self._clock, self.options.history_limit)
        self._hub = Hub(self._store, self._clock, self.options.queue_limit)
        self._portal = Portal(
            self.options, self._hub, self._clock, secrets.token_hex(32) if key is None else key
        )
        self._services = Services(self.options, self._hub, self._portal, Journal(), self._clock)
        for path, (content_type, content) in self.options.pages.items():
            self._set_page(path, content_type, content)
        self._listener: Listener | None = None
        self._port = 0
        self._sweeper: Timer | None = None
        self._restarting = False
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

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

    async def start(self) -> None:
        """Listen. Does nothing if it already does; calls at the same time share one start.

        Raises:
            PortInUseError: Somebody else has the port.
            StartError: The host is unknown or the port may not be used.
        """
        async with self._one_at_a_time():
            await self._start()

    async def stop(self) -> None:
        """Send what is queued, close every connection with 1001, stop listening. Harmless if not running."""
        async with self._one_at_a_time():
            await self._stop()

    async def _start(self) -> None:
        if self._listener is None:
            await self._listen(self._port or self.options.port)

    async def _stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self._services.stopping = True
        listener.close()
        self._hub.close_all(CloseOrder(CloseCode.GOING_AWAY))
        with suppress(WaitTimeoutError):
            await self._hub.wait_empty(STOP_GRACE_S)
        await listener.stop(STOP_GRACE_S)

    async def restart(self, *, keep_history: bool = True) -> None:
        """Close the listening socket and all connections (1001), then listen again on the same port.

        What is published meanwhile is stored, for those who come back.

        Args:
            keep_history: Clients can resume by mid; False: the stored messages are lost.
        """
        async with self._one_at_a_time():
            self._running()
            self._restarting = True
            try:
                await self._stop()
                if not keep_history:
                    await self._store.clear()
                await self._start()
            finally:
                self._restarting = False

    async def add_by_user(
        self,
        user: int,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one user, or (negative id) guest, like ``CPullStack::AddByUser``.

        Args:
            user: User id; negative for a guest.
            module_id: Module name, any case; published in lower case.
            command: Letters, digits and ``_ : | . -``.
            params: A mapping; or an empty list, which stays ``[]`` as PHP sends an empty array. None: ``[]``.
            extra: Added to (and replacing) what the portal puts there; a value of None takes a key out.
            expiry: Seconds the event is kept for those who connect later; 0: only for those connected now.

        Returns:
            The event's mid.

        Raises:
            EventError: Names the part that is wrong.
        """
        return await self.add_by_users(
            [user], module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )

    async def add_by_users(
        self,
        users: Iterable[int],
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send one event to several users; see :meth:`add_by_user`."""
        self._running()
        done = await self._portal.send(
            [check_user(user) for user in users],
            module_id=module_id,
            command=command,
            params=params,
            extra=extra,
            expiry=expiry,
        )
        return done.mid or ""

    async def add_shared(
        self,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to everybody, like ``CPullStack::AddShared``; see :meth:`add_by_user`."""
        self._running()
        done = await self._portal.send_shared(
            module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid or ""

    async def add_by_channel(
        self,
        channel: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one channel, by its id (signed or not); see :meth:`add_by_user`.

        Raises:
            ChannelError: The id is malformed.
            SignatureError: It is signed wrongly.
        """
        self._running()
        done = await self._portal.send_to_channel(
            channel, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid or ""

    async def watch_add(self, user: int, tag: str) -> None:
        """Let ``user`` watch ``tag`` for 1,860 seconds, like ``CPullWatch::Add``."""
        if not tag:
            raise EventError("tag", "must not be empty")
        self._portal.watches.add(check_user(user), tag)

    async def add_to_stack(
        self,
        tag: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str | None:
        """Send an event to all who watch ``tag``, like ``CPullWatch::AddToStack``; see :meth:`add_by_user`.

        Returns:
            The event's mid; None if nobody watches the tag.
        """
        self._running()
        done = await self._portal.send_to_tag(
            tag, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
        )
        return done.mid

    async def send_raw(self, user: int, text: str) -> int:
        """Send a WebSocket message as it is to a user's connections, for tests of malformed frames.

        Returns:
            How many connections it was queued for.
        """
        self._running()
        return sum(connection.push_raw(text) for connection in self._hub.of_user(user))

    async def disconnect(self, user: int, code: int = CloseCode.GOING_AWAY, reason: str = "") -> int:
        """Close a user's connections.

        Args:
            user: User id; negative for a guest.
            code: WebSocket close code the clients see: 1000, 1001, 1008, 1011 to 1013, or 3000 to 4999.
            reason: Close reason, cut to 123 bytes.

        Returns:
            How many connections are being closed.

        Raises:
            EventError: The code is not one of these, or the reason is no text.
        """
        self._running()
        return self._hub.close_user(user, close_order(code, reason))

    async def expire_config(self, user: int | None = None) -> None:
        """Tell one user, or everybody, to reload the config."""
        self._running()
        await self._portal.channels.expire_config(0 if user is None else check_user(user))

    async def expire_channel(self, user: int, *, new_channel: bool = True) -> None:
        """Replace a user's channel and say so on the old one.

        Args:
            user: User id; negative for a guest.
            new_channel: Name the new channel to reconnect to; otherwise the client has to reload the config.
        """
        self._running()
        await self._portal.channels.replace(Holder(check_user(user)), new_channel=new_channel)

    async def wait_connected(self, user: int, tabs: int = 1, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once ``user`` has at least ``tabs`` connections.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells who is connected.
        """
        self._running()
        await self._hub.wait_connected(user, tabs, timeout)

    async def wait_delivered(self, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once everything published so far was handed to the sockets.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how much waits.
        """
        self._running()
        await self._hub.wait_delivered(timeout)

    async def connections(self) -> list[ConnectionInfo]:
        """Who is connected now, oldest first."""
        return [
            ConnectionInfo(c.number, c.user, c.codec.name, c.opened_at, c.sent, c.queued)
            for c in self._hub.connections
        ]

    async def add_page(self, path: str, content_type: str, content: bytes | str) -> None:
        """Serve ``content`` at ``path`` from now on, before every other route.

        Raises:
            OptionsError: The path does not begin with /, or the content type is none.
        """
        check_page(path, (content_type, content))
        self._set_page(path, content_type, content)

    @property
    def requests(self) -> list[Entry]:
        """What reached the server so far, oldest first: see :mod:`bxpull_server.journal`."""
        return self._services.journal.entries()

    async def wait_request(self, wanted: Callable[[Entry], bool], timeout: float = WAIT_S) -> Entry:  # noqa: ASYNC109
        """Return the oldest of :attr:`requests` that is ``wanted``, as soon as there is one.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; lists what was there.
        """
        journal = self._services.journal

        def seen() -> str:
            entries = journal.entries()
            newest = "".join(f"\n  {entry}" for entry in entries[-20:])
            return f"none of {len(entries)} requests was the wanted one; the newest:{newest}"

        await journal.changed.until(lambda: journal.first(wanted) is not None, timeout, seen)
        entry = journal.first(wanted)
        assert entry is not None  # noqa: S101 - nothing ran in between
        return entry

    async def clear_requests(self) -> None:
        """Forget what :attr:`requests` holds."""
        self._services.journal.clear()

    def _set_page(self, path: str, content_type: str, content: bytes | str) -> None:
        self._services.pages[path] = (content_type, content.encode() if isinstance(content, str) else content)

    def _one_at_a_time(self) -> asyncio.Lock:
        """Starting, stopping and restarting take turns; a lock serves one loop, a server may see several."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]

    def _running(self) -> None:
        if self._listener is None and not self._restarting:
            raise NotRunningError("the server is not running: call start() or use `with`")

    async def _listen(self, port: int) -> None:
        sock = bind(self.options.host, port)
        self._port = int(sock.getsockname()[1])
        authority = self._authority(self._port)
        self._services.authority = authority
        self._services.stopping = False
        self._services.started = self._clock.monotonic()
        self._portal.writer.server_name = self.options.server_name or authority
        listener = Listener(make_app(self._services), sock)
        await listener.start()
        self._listener = listener
        self._sweeper = self._clock.call_later(SWEEP_EVERY_S, self._sweep)

    def _sweep(self) -> None:
        self._store.sweep()
        self._sweeper = self._clock.call_later(SWEEP_EVERY_S, self._sweep)

    def _authority(self, port: int) -> str:
        host = self.options.host
        if host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
            host = "127.0.0.1"
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _options(options: ServerOptions | None, values: OptionValues) -> ServerOptions:
    for name in values:
        if name not in OptionValues.__annotations__:
            raise OptionsError(
                name, f"there is no such option; known are {', '.join(OptionValues.__annotations__)}"
            )
    return replace(options or ServerOptions(), **values)
