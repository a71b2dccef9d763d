"""What every theme's methods for threads are made of."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from bxpull_server.api.parts import NOT_RUNNING
from bxpull_server.async_server import AsyncPushServer
from bxpull_server.errors import NotRunningError

T = TypeVar("T")


class ThreadParts:
    """A server on an event loop of another thread, and the way to call it there."""

    _server: AsyncPushServer

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
