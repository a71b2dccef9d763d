"""What every theme's methods are made of."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from bxpull_server.errors import NotRunningError
from bxpull_server.parked_polls import KEEP_S
from bxpull_server.web.services import Services

if TYPE_CHECKING:
    from bxpull_server.async_server import AsyncPushServer

T = TypeVar("T")
WAIT_S = 5.0
# One that polled stays for a while after its last poll.
LEAVE_S = KEEP_S + WAIT_S
NOT_RUNNING = "the server is not running: call start() or use `with`"


class AsyncParts(ABC):
    """The parts of a server on an event loop."""

    _services: Services

    @abstractmethod
    def _check_running(self) -> None:
        """Refuse calls that need a running server.

        Raises:
            NotRunningError: It is not running.
        """


class ThreadParts:
    """A server on an event loop of another thread, and the way to call it there."""

    _server: "AsyncPushServer"

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._calling = threading.Lock()

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and wait for its result."""
        try:
            self._refuse_own_thread()
            with self._calling:  # a call is handed over before the loop ends, or not at all
                if self._loop is None:
                    raise NotRunningError(NOT_RUNNING)
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except NotRunningError:
            coroutine.close()
            raise
        try:
            return future.result()
        except CancelledError:
            raise NotRunningError(NOT_RUNNING) from None

    def _refuse_own_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise NotRunningError(
                "PushServer cannot be called from its own thread: use AsyncPushServer there"
            )
