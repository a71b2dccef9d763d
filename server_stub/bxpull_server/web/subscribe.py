"""``/bitrix/subws/``: a subscriber's WebSocket."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from bxpull_server import paths
from bxpull_server.connection import CloseOrder, Connection, LineFault
from bxpull_server.errors import RefusedError
from bxpull_server.faults.injector import Refusal
from bxpull_server.journal import SocketBytes, SocketClosed, SocketOpened, SocketText
from bxpull_server.protocol.close_codes import CloseCode, close_reason
from bxpull_server.protocol.codecs import JSON_RPC, Frame
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.status_feed import StatusFeed
from bxpull_server.web.handshake_faults import meet_faults
from bxpull_server.web.line import Line
from bxpull_server.web.refusals import refusal_order
from bxpull_server.web.replies import text_reply
from bxpull_server.web.services import Services, services_of
from bxpull_server.web.sound_headers import BARE
from bxpull_server.web.subscription import Subscription, connect, read_subscription
from bxpull_server.web.upstream import Upstream
from bxpull_server.web.websocket_protocol import protocol_of, transport_of

if TYPE_CHECKING:
    from bxpull_server.clock import Timer

_log = logging.getLogger(__name__)
CLOSE_GRACE_S = 5.0
_NEVER_OPEN = 1006
_NO_CODE = (1005, 1006)


async def no_upgrade(_request: Request) -> Response:
    """The answer to a request that is no handshake, for example because a proxy made a plain one of it."""
    sentence = "this address is for WebSockets: proxies in between have to pass Upgrade and Connection on"
    return text_reply(sentence, 426, {"Upgrade": "websocket", "Connection": "Upgrade"})


async def no_socket(websocket: WebSocket) -> None:
    """The answer to a handshake anywhere else."""
    sentence = f"no WebSocket is at this address: subscribe at {paths.SUBSCRIBE}"
    await websocket.send_denial_response(text_reply(sentence, 404, BARE))


class SubscribeEndpoint:
    """Serves subscribers' WebSockets.

    Args:
        statuses: Tells subscribers of users' comings and goings.
    """

    def __init__(self, statuses: StatusFeed) -> None:
        self._statuses = statuses

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one subscriber until either side closes.

        A refusal is a close frame after an accepted handshake: browsers do not tell pages why a handshake
        failed.
        """
        services = services_of(websocket)
        try:
            if services.faults.active:
                refusal = await meet_faults(services, websocket)
                if refusal is not None:
                    await _refuse_on_purpose(services, websocket, refusal)
                    return
            await websocket.accept()
            if services.stopping:
                await websocket.close(CloseCode.GOING_AWAY)
                return
            try:
                subscription, connection = await _connect(services, websocket)
            except RefusedError as error:
                await _refuse(services, websocket, error)
                return
            upstream = Upstream(services, connection, subscription, self._statuses)
            await _Session(services, websocket, connection, upstream).run()
        except (WebSocketDisconnect, OSError):
            _log.debug("a subscriber left during the handshake")


async def _connect(services: Services, websocket: WebSocket) -> tuple[Subscription, Connection]:
    subscription = read_subscription(services, websocket)
    connection = await connect(services, subscription, "websocket", subscription.mid)
    _note_opened(services, websocket, connection.number, connection.user)
    if _log.isEnabledFor(logging.INFO):
        names = ", ".join(fingerprint(channel) for channel in connection.channels)
        _log.info("connection %d of user %d opened on %s", connection.number, connection.user, names)
    protocol_of(websocket).forget_handshake()
    return subscription, connection


async def _refuse(services: Services, websocket: WebSocket, error: RefusedError) -> None:
    services.warn(_log, "subscription refused: %s", error)
    await _close_refused(services, websocket, refusal_order(error))


async def _refuse_on_purpose(services: Services, websocket: WebSocket, refusal: Refusal) -> None:
    if refusal.order is not None:
        await websocket.accept()
        await _close_refused(services, websocket, refusal.order)
        return
    _note_opened(services, websocket, 0, 0)
    services.journal.add(SocketClosed(0, 0, _NEVER_OPEN, refusal.sentence, by_server=True))
    await websocket.send_denial_response(text_reply(refusal.sentence, refusal.status or 503, BARE))


async def _close_refused(services: Services, websocket: WebSocket, order: CloseOrder) -> None:
    _note_opened(services, websocket, 0, 0)
    reason = close_reason(order.reason)
    services.journal.add(SocketClosed(0, 0, order.code, reason, by_server=True))
    await websocket.close(order.code, reason)


def _note_opened(services: Services, websocket: WebSocket, number: int, user: int) -> None:
    origin = websocket.headers.get("origin")
    services.journal.add(SocketOpened(number, websocket.url.path, websocket.url.query, user, origin))


class _Session:
    """A connected subscriber: a task reads, and another writes while there is something to write."""

    __slots__ = (
        "_connection",
        "_deadline",
        "_line",
        "_protocol",
        "_services",
        "_upstream",
        "_websocket",
        "_writer",
    )

    def __init__(
        self, services: Services, websocket: WebSocket, connection: Connection, upstream: Upstream
    ) -> None:
        self._services = services
        self._websocket = websocket
        self._connection = connection
        self._upstream = upstream
        self._line = Line(websocket)
        self._protocol = protocol_of(websocket)
        self._deadline: Timer | None = None
        self._writer: asyncio.Task[None] | None = None
        connection.on_closing = self._start_deadline
        connection.on_strike = self._strike
        if not self._protocol.has_ended:
            connection.attach(self._protocol.transport)
            self._protocol.on_end = connection.detach
            self._protocol.hand_receipts_to(self._take_receipts if connection.codec is JSON_RPC else None)

    async def run(self) -> None:
        connection = self._connection
        code, reason = CloseCode.GOING_AWAY.value, ""
        heartbeats = self._services.heartbeats.join(connection) if connection.codec is JSON_RPC else None
        if self._services.faults.active:
            self._services.faults.at_opening(connection)
        connection.on_ready = self._wake_writer
        self._wake_writer()
        try:
            code, reason = await self._read()
        finally:
            connection.on_closing = connection.on_strike = connection.on_ready = self._protocol.on_end = None
            connection.detach()
            self._protocol.hand_receipts_to(None)
            self._services.hub.disconnect(connection)
            if heartbeats is not None:
                heartbeats.leave(connection)
            if self._deadline is not None:
                self._deadline.cancel()
            self._note_closed(code, reason)
            if self._writer is not None:
                self._writer.cancel()
                with suppress(asyncio.CancelledError):
                    await self._writer  # lets a defect of the writer be seen

    async def _read(self) -> tuple[int, str]:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return message.get("code", 1005), message.get("reason") or ""
            text, data = message.get("text"), message.get("bytes")
            if text is not None:
                self._services.journal.add(SocketText(self._connection.number, text))
                await self._upstream.text(text)
            elif data is not None:
                self._services.journal.add(SocketBytes(self._connection.number, data))
                await self._upstream.binary(data)
            self._connection.received += 1

    def _take_receipts(self, receipts: list[str]) -> None:
        for receipt in receipts:
            self._services.journal.add(SocketText(self._connection.number, receipt))
        self._upstream.receipts(receipts)
        self._connection.received += len(receipts)

    def _wake_writer(self) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
            self._writer.add_done_callback(self._cut_if_failed)

    async def _write(self) -> None:
        """Write what there is. Nothing comes after a close order, so that this stays the writer then."""
        with suppress(WebSocketDisconnect):  # the reader learns it, too
            while (message := self._connection.take_ready()) is not None:
                if isinstance(message, CloseOrder):
                    if not self._line.silent.is_set():
                        await self._websocket.close(message.code, close_reason(message.reason))
                    return
                if self._line.silent.is_set():
                    pass  # as if it were on its way
                elif self._services.faults.active:
                    await self._send_with_faults(message)
                else:
                    await self._send(message)
                self._connection.handed_over()
            self._writer = None

    def _strike(self, fault: LineFault) -> None:
        self._connection.detach()  # the line may be silent from now on
        self._line.strike(fault)

    async def _send(self, message: Frame) -> None:
        self._connection.messages += 1
        if isinstance(message, str):
            await self._websocket.send_text(message)
        else:
            await self._websocket.send_bytes(message)

    async def _send_with_faults(self, message: Frame) -> None:
        passage = await self._services.faults.outgoing(self._connection, message)
        for part in passage.messages:
            if not self._line.silent.is_set():  # it may have gone silent during a delay
                await self._send(part)
        if passage.cut:
            self._line.close()

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
