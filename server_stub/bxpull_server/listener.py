"""uvicorn on listening sockets, started and stopped from a running event loop."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from bxpull_server.clock import SystemClock
from bxpull_server.errors import WaitTimeoutError
from bxpull_server.ports import BACKLOG
from bxpull_server.waiting import Pulse
from bxpull_server.warning_log import WarningLog
from bxpull_server.web.answers import Answers
from bxpull_server.web.keepalive import keepalives
from bxpull_server.web.peers import Peers
from bxpull_server.web.request_protocol import RequestProtocol
from bxpull_server.web.services import Services
from bxpull_server.web.websocket_protocol import SubscriberProtocol

_DATE_TICK_S = 1.0
_ACCEPTED_A_TURN = 1
_log = logging.getLogger(__name__)


class Listener:
    """Serves an application from :meth:`start` to :meth:`stop`.

    Args:
        app: The application.
        sockets: From :func:`bxpull_server.ports.bind`; closed by :meth:`stop`.
        services: The server's parts of now; asked for each connection.
        warnings: Warns of what peers did.
    """

    def __init__(
        self,
        app: ASGIApp,
        sockets: Sequence[socket.socket],
        services: Callable[[], Services],
        warnings: WarningLog,
    ) -> None:
        # uvicorn logs whole URLs, with channel ids and signatures, below this level.
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        http: Any = partial(
            RequestProtocol, services=services, answers=Answers(), peers=Peers(), warnings=warnings
        )
        ws: Any = partial(
            SubscriberProtocol,
            limits=lambda: services().options,
            keepalives=keepalives(SystemClock()),
            warn=warnings.warn,
        )
        config = uvicorn.Config(
            app,
            interface="asgi3",
            http=http,
            ws=ws,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # asyncio accepts as many in one turn of its loop. Those who come in hundreds wait for the others.
            backlog=_ACCEPTED_A_TURN,
            proxy_headers=False,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._sockets = list(sockets)
        self._connections = _Connections()
        self._server.server_state.connections = self._connections
        self._ticker: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Accept connections from now on."""
        self._tick()
        await self._server.startup(sockets=self._sockets)
        for sock in self._sockets:
            sock.listen(BACKLOG)  # the kernel may hold more than uvicorn says

    async def add(self, sockets: Sequence[socket.socket]) -> None:
        """Accept connections on these sockets, too."""
        servers = self._server.servers
        await self._server.startup(sockets=list(sockets))
        self._server.servers = [*servers, *self._server.servers]
        self._sockets += sockets

    def close(self) -> None:
        """Accept no further connections."""
        for server in self._server.servers:
            server.close()
        for sock in self._sockets:
            sock.close()

    async def stop(self, grace_s: float) -> None:
        """Close everything: politely, and after ``grace_s`` real seconds by force."""
        self.close()
        state = self._server.server_state
        for connection in list(state.connections):
            _shut_down(connection)
        with suppress(WaitTimeoutError):
            await self._connections.gone.until(lambda: not state.connections, grace_s, str)
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if state.tasks:  # they end by themselves now that their peers are gone
            await asyncio.wait(list(state.tasks), timeout=grace_s)
        if self._ticker is not None:
            self._ticker.cancel()

    def _tick(self) -> None:
        """Keep the Date header of answers right."""
        date = formatdate(usegmt=True).encode()
        self._server.server_state.default_headers = [(b"date", date)]
        self._ticker = asyncio.get_running_loop().call_later(_DATE_TICK_S, self._tick)


def _shut_down(connection: Any) -> None:
    try:
        connection.shutdown()
    except Exception:  # noqa: BLE001 - whatever is wrong with one must not keep the others open
        _log.exception("a connection could not be closed in order: cut off")
        connection.transport.abort()


class _Connections(set[Any]):
    """uvicorn's set of open connections, which tells when one goes."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = Pulse()

    def remove(self, connection: Any, /) -> None:
        super().remove(connection)
        self.gone.fire()

    def discard(self, connection: Any, /) -> None:
        super().discard(connection)
        self.gone.fire()
