"""The push server for programs without an event loop: it runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from bxpull_server.async_server import WAIT_S, AsyncPushServer, ConnectionInfo
from bxpull_server.clock import Clock
from bxpull_server.errors import NotRunningError
from bxpull_server.journal import Entry
from bxpull_server.options import OptionValues, ServerOptions
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S

T = TypeVar("T")
_NOT_RUNNING = "the server is not running: call start() or use `with`"


def new_event_loop() -> asyncio.AbstractEventLoop:
    """The loop of uvloop where it is installed, asyncio's otherwise."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """A server thread's whole life. The loop ends here too: the caller's thread may have one of its own."""
    try:
        loop.run_forever()
        rest = asyncio.all_tasks(loop)  # calls of other threads that came too late
        for task in rest:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True) if rest else asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


class PushServer:
    """A push server and its portal in this process, in a background thread.

    ::

        with PushServer(user=1) as server:
            server.add_by_user(1, module_id="main", command="check", params={"a": 1})

    Every method is the one of :class:`AsyncPushServer`, called from any thread and waited for.

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
        self._server = AsyncPushServer(options, clock=clock, **values)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lifecycle = threading.Lock()
        self._calling = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def options(self) -> ServerOptions:
        """The options it was made with."""
        return self._server.options

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            NotRunningError: It was never started.
        """
        return self._server.port

    @property
    def url(self) -> str:
        """``http://host:port``, without a slash at the end."""
        return self._server.url

    @property
    def requests(self) -> list[Entry]:
        """What reached the server so far, oldest first: see :mod:`bxpull_server.journal`."""
        if self._loop is None:
            return self._server.requests
        return self._call(self._requests())

    def start(self) -> None:
        """Listen, in a new thread. Does nothing if it already does; calls at the same time share one start.

        Raises:
            PortInUseError: Somebody else has the port.
            StartError: The host is unknown or the port may not be used.
        """
        self._refuse_own_thread()
        with self._lifecycle:
            if self._loop is not None:
                return
            loop = new_event_loop()
            self._thread = threading.Thread(target=_run, args=(loop,), name="bxpull-server", daemon=True)
            self._thread.start()
            self._loop = loop
            try:
                self._call(self._server.start())
            except BaseException:
                self._end_thread()
                raise

    def stop(self) -> None:
        """Send what is queued, close every connection with 1001, stop listening. Harmless if not running."""
        self._refuse_own_thread()
        with self._lifecycle:
            if self._loop is None:
                return
            try:
                self._call(self._server.stop())
            finally:
                self._end_thread()

    def restart(self, *, keep_history: bool = True) -> None:
        """See :meth:`AsyncPushServer.restart`."""
        self._call(self._server.restart(keep_history=keep_history))

    def add_by_user(
        self,
        user: int,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one user or guest; returns its mid. See :meth:`AsyncPushServer.add_by_user`."""
        return self._call(
            self._server.add_by_user(
                user, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def add_by_users(
        self,
        users: Iterable[int],
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send one event to several users; returns its mid. See :meth:`AsyncPushServer.add_by_users`."""
        return self._call(
            self._server.add_by_users(
                users, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def add_shared(
        self,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to everybody; returns its mid. See :meth:`AsyncPushServer.add_shared`."""
        return self._call(
            self._server.add_shared(
                module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def add_by_channel(
        self,
        channel: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str:
        """Send an event to one channel; returns its mid. See :meth:`AsyncPushServer.add_by_channel`."""
        return self._call(
            self._server.add_by_channel(
                channel, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def watch_add(self, user: int, tag: str) -> None:
        """Let a user watch a tag. See :meth:`AsyncPushServer.watch_add`."""
        self._call(self._server.watch_add(user, tag))

    def add_to_stack(
        self,
        tag: str,
        *,
        module_id: str,
        command: str,
        params: Params | None = None,
        extra: Mapping[str, Any] | None = None,
        expiry: int = DEFAULT_EXPIRY_S,
    ) -> str | None:
        """Send an event to all who watch a tag; returns its mid. See :meth:`AsyncPushServer.add_to_stack`."""
        return self._call(
            self._server.add_to_stack(
                tag, module_id=module_id, command=command, params=params, extra=extra, expiry=expiry
            )
        )

    def send_raw(self, user: int, text: str) -> int:
        """Send a WebSocket message as it is. See :meth:`AsyncPushServer.send_raw`."""
        return self._call(self._server.send_raw(user, text))

    def disconnect(self, user: int, code: int = CloseCode.GOING_AWAY, reason: str = "") -> int:
        """Close a user's connections; returns how many. See :meth:`AsyncPushServer.disconnect`."""
        return self._call(self._server.disconnect(user, code, reason))

    def expire_config(self, user: int | None = None) -> None:
        """Tell one user, or everybody, to reload the config."""
        self._call(self._server.expire_config(user))

    def expire_channel(self, user: int, *, new_channel: bool = True) -> None:
        """Replace a user's channel. See :meth:`AsyncPushServer.expire_channel`."""
        self._call(self._server.expire_channel(user, new_channel=new_channel))

    def wait_connected(self, user: int, tabs: int = 1, timeout: float = WAIT_S) -> None:
        """Return once ``user`` has at least ``tabs`` connections.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells who is connected.
        """
        self._call(self._server.wait_connected(user, tabs, timeout))

    def wait_delivered(self, timeout: float = WAIT_S) -> None:
        """Return once everything published so far was handed to the sockets.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds; tells how much waits.
        """
        self._call(self._server.wait_delivered(timeout))

    def connections(self) -> list[ConnectionInfo]:
        """Who is connected now, oldest first."""
        return self._call(self._server.connections())

    def add_page(self, path: str, content_type: str, content: bytes | str) -> None:
        """Serve ``content`` at ``path`` from now on. See :meth:`AsyncPushServer.add_page`."""
        self._call(self._server.add_page(path, content_type, content))

    def wait_request(self, wanted: Callable[[Entry], bool], timeout: float = WAIT_S) -> Entry:
        """Wait for an entry of :attr:`requests`. See :meth:`AsyncPushServer.wait_request`."""
        return self._call(self._server.wait_request(wanted, timeout))

    def clear_requests(self) -> None:
        """Forget what :attr:`requests` holds."""
        self._call(self._server.clear_requests())

    def call(self, function: Callable[[AsyncPushServer], Awaitable[T]]) -> T:
        """Run ``function(async_server)`` on the server's loop and return its result."""

        async def run() -> T:
            return await function(self._server)

        return self._call(run())

    async def _requests(self) -> list[Entry]:
        return self._server.requests

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            self._refuse_own_thread()
            with self._calling:  # a call is handed over before the loop ends, or not at all
                if self._loop is None:
                    raise NotRunningError(_NOT_RUNNING)
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except NotRunningError:
            coroutine.close()
            raise
        try:
            return future.result()
        except CancelledError:
            raise NotRunningError(_NOT_RUNNING) from None

    def _refuse_own_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise NotRunningError(
                "PushServer cannot be called from its own thread: use AsyncPushServer there"
            )

    def _end_thread(self) -> None:
        with self._calling:
            loop, self._loop = self._loop, None
        thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
