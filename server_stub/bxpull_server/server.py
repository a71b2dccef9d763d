"""The push server for programs without an event loop: it runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar, Unpack

from bxpull_server.api.thread_administration import ThreadAdministration
from bxpull_server.api.thread_conformance import ThreadConformance
from bxpull_server.api.thread_faults import ThreadFaults
from bxpull_server.api.thread_observation import ThreadObservation
from bxpull_server.api.thread_replaying import ThreadReplaying
from bxpull_server.async_server import AsyncPushServer
from bxpull_server.clock import Clock
from bxpull_server.options import OptionValues, ServerOptions
from bxpull_server.protocol.close_codes import CloseCode

T = TypeVar("T")


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


class PushServer(ThreadReplaying, ThreadAdministration, ThreadObservation, ThreadConformance):
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
        super().__init__()
        self._server = AsyncPushServer(options, clock=clock, **values)
        self._faults = ThreadFaults(self)
        self._lifecycle = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.release_ports()

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
    def more_ports(self) -> tuple[int, ...]:
        """Those of :meth:`add_ports`."""
        return self._server.more_ports

    @property
    def faults(self) -> ThreadFaults:
        """What goes wrong on purpose; see :attr:`AsyncPushServer.faults`."""
        return self._faults

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

    def release_ports(self) -> None:
        """See :meth:`AsyncPushServer.release_ports`."""
        self._server.release_ports()

    def add_ports(self, count: int) -> tuple[int, ...]:
        """See :meth:`AsyncPushServer.add_ports`."""
        return self._call(self._server.add_ports(count))

    def restart(self, *, keep_history: bool = True, code: int = CloseCode.GOING_AWAY) -> None:
        """See :meth:`AsyncPushServer.restart`."""
        self._call(self._server.restart(keep_history=keep_history, code=code))

    def reset(self, **values: Unpack[OptionValues]) -> None:
        """See :meth:`AsyncPushServer.reset`."""
        self._call(self._server.reset(**values))

    def call(self, function: Callable[[AsyncPushServer], Awaitable[T]]) -> T:
        """Run ``function(async_server)`` on the server's loop and return its result."""

        async def run() -> T:
            return await function(self._server)

        return self._call(run())

    def _end_thread(self) -> None:
        with self._calling:
            loop, self._loop = self._loop, None
        thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
