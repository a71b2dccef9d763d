"""``/bitrix/subws/``: a subscriber's WebSocket."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket, WebSocketDisconnect

from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.errors import RefusedError
from bxpull_server.journal import SocketClosed, SocketOpened, SocketText
from bxpull_server.protocol.close_codes import CloseCode, close_reason
from bxpull_server.protocol.codecs import choose_codec
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.subscribe import parse_subscribe
from bxpull_server.web.cors import ForbiddenOriginError, check_origin
from bxpull_server.web.services import Services, services_of
from bxpull_server.web.websocket_protocol import transport_of

if TYPE_CHECKING:
    from bxpull_server.clock import Timer

_log = logging.getLogger(__name__)
CLOSE_GRACE_S = 5.0
_NO_CODE = (1005, 1006)


async def subscribe(websocket: WebSocket) -> None:
    """Serve one subscriber until either side closes.

    A refusal is a close frame after an accepted handshake: browsers do not tell pages why a handshake failed.
    """
    services = services_of(websocket)
    try:
        await websocket.accept()
        if services.stopping:
            await websocket.close(CloseCode.GOING_AWAY)
            return
        connection = await _connect(services, websocket)
        if connection is not None:
            await _Session(services, websocket, connection).run()
    except (WebSocketDisconnect, OSError):
        _log.debug("a subscriber left during the handshake")


async def _connect(services: Services, websocket: WebSocket) -> Connection | None:
    query = websocket.url.query
    try:
        check_origin(websocket)
        wanted = parse_subscribe(query)
        codec = choose_codec(wanted)
        for ref in wanted.channels:
            services.portal.signer.check(ref, required=True)
        services.portal.check_current(wanted.channels)
    except RefusedError as error:
        _note_opened(services, websocket, 0, 0)
        _log.warning("subscription refused: %s", error)
        reason = close_reason(str(error))
        foreign = isinstance(error, ForbiddenOriginError)
        code = int(CloseCode.POLICY_VIOLATION if foreign else CloseCode.WRONG_CHANNEL_ID)
        services.journal.add(SocketClosed(0, 0, code, reason, by_server=True))
        await websocket.close(code, reason)
        return None
    user = services.portal.user_of(wanted.channels)
    channels = tuple(ref.id for ref in wanted.channels)
    earlier = services.portal.earlier_channels(wanted.channels)
    connection = await services.hub.connect(channels, codec, user, wanted.mid, earlier)
    _note_opened(services, websocket, connection.number, user)
    names = ", ".join(fingerprint(channel) for channel in channels)
    _log.info("connection %d of user %d opened on %s", connection.number, user, names)
    return connection


def _note_opened(services: Services, websocket: WebSocket, number: int, user: int) -> None:
    origin = websocket.headers.get("origin")
    services.journal.add(SocketOpened(number, websocket.url.path, websocket.url.query, user, origin))


class _Session:
    """A connected subscriber: one task reads, one writes."""

    def __init__(self, services: Services, websocket: WebSocket, connection: Connection) -> None:
        self._services = services
        self._websocket = websocket
        self._connection = connection
        self._deadline: Timer | None = None
        connection.on_closing = self._start_deadline

    async def run(self) -> None:
        connection = self._connection
        code, reason = CloseCode.GOING_AWAY.value, ""
        writer = asyncio.create_task(self._write())
        writer.add_done_callback(self._cut_if_failed)
        try:
            code, reason = await self._read()
        finally:
            self._services.hub.disconnect(connection)
            if self._deadline is not None:
                self._deadline.cancel()
            self._note_closed(code, reason)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer  # lets a defect of the writer be seen

    async def _read(self) -> tuple[int, str]:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return message.get("code", 1005), message.get("reason") or ""
            text = message.get("text")
            if text is not None:  # version 1 to 3 knows no upstream: noted, not answered
                self._services.journal.add(SocketText(self._connection.number, text))

    async def _write(self) -> None:
        with suppress(WebSocketDisconnect):  # the reader learns it, too
            while True:
                message = await self._connection.take()
                if isinstance(message, CloseOrder):
                    await self._websocket.close(message.code, close_reason(message.reason))
                    return
                await self._websocket.send_text(message)

    def _cut_if_failed(self, writer: asyncio.Task[None]) -> None:
        """A subscriber nobody writes to any more must not go on waiting: it reconnects and resumes."""
        if not writer.cancelled() and writer.exception() is not None:
            transport_of(self._websocket).abort()

    def _start_deadline(self, _order: CloseOrder) -> None:
        """A peer that does not read never gets the close frame: cut the line when it takes too long."""
        transport = transport_of(self._websocket)
        self._deadline = self._services.clock.call_later(CLOSE_GRACE_S, transport.abort)

    def _note_closed(self, code: int, reason: str) -> None:
        connection = self._connection
        order = connection.close_order
        by_server = order is not None and code in (*_NO_CODE, order.code)
        if order is not None and by_server:
            code, reason = order.code, order.reason
        self._services.journal.add(SocketClosed(connection.number, connection.user, code, reason, by_server))
        _log.info("connection %d of user %d closed with %d", connection.number, connection.user, code)
