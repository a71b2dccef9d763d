"""uvicorn's WebSocket protocol: an answer to every handshake, an end to peers that do not read."""

import asyncio
import logging
from collections.abc import Callable, Generator
from typing import Any

from starlette.requests import HTTPConnection
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request, Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.streams import StreamReader
from websockets.typing import StatusLike

from bxpull_server.light import Gate, Mailbox
from bxpull_server.limits import Limits
from bxpull_server.protocol.framing import EMPTY_PING
from bxpull_server.protocol.receipts import LONGEST_RECEIPT, ReceiptReader
from bxpull_server.rounds import Rounds
from bxpull_server.warning_log import Warn
from bxpull_server.web.cut_off import CutOff
from bxpull_server.web.keepalive import Keepalive
from bxpull_server.web.raw_reply import raw_reply
from bxpull_server.web.sound_headers import BARE

# Whoever hands a head over has measured it: see bxpull_server.web.limited_protocol.
_MAX_LINE_BYTES = 2 * 1024 * 1024
TRANSPORT_EXTENSION = "bxpull.transport"
# In one turn of the loop, which others are to have, too: that many bytes can be a thousand frames.
_READ_AT_ONCE = 4096
_NOT_UNDERSTOOD = ("400 Bad Request", "this is not a WebSocket handshake")
_NO_FRAME = ("400 Bad Request", "what comes behind the handshake is no WebSocket frame")
_STOPPING = ("503 Service Unavailable", "the server is stopping: try again when it is back")
_log = logging.getLogger(__name__)


class _LongLineReader(StreamReader):
    """Lets a line be longer than the 8 KiB of websockets: cookies are shared by all ports of a host."""

    def read_line(self, m: int, *rest: Any) -> Generator[None, None, bytearray]:
        return super().read_line(max(m, _MAX_LINE_BYTES), *rest)


class _Handshake(ServerProtocol):
    def parse(self) -> Generator[None, None, None]:
        self.reader = _LongLineReader()  # the constructor starts the parser: later would be too late
        yield from super().parse()

    def reject(self, status: StatusLike, text: str) -> Response:
        """Refuse a handshake, with the headers that every answer has."""
        response = super().reject(status, text)
        response.headers.update(BARE)
        return response

    def fail(self, code: int, reason: str = "") -> None:
        """Close, and say of a message that is too large which option is in its way."""
        if code == CloseCode.MESSAGE_TOO_BIG:
            reason = f"a message may have {self.max_message_size} bytes: message_limit allows no more"
        super().fail(code, reason)


class SubscriberProtocol(WebSocketsSansIOProtocol):
    """Adds what ASGI has no words for: cutting the line, telling a lost peer from one that said goodbye.

    Attributes:
        on_lost: Called when the line is lost.
        on_end: Called when nothing may be written to the transport any more, though it is not closing.

    Args:
        limits: Those of now; they can change while a server runs.
        keepalives: Looks after lines.
        warn: Warns of what the peer did.
    """

    def __init__(
        self,
        *arguments: Any,
        limits: Callable[[], Limits],
        keepalives: Rounds[Keepalive],
        warn: Warn,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        self._warn = warn
        self._keepalives = keepalives
        self._keepalive = Keepalive()
        self.on_lost: Callable[[], None] | None = None
        self.on_end: Callable[[], None] | None = None
        queue: Any = Mailbox()
        writable: Any = Gate()
        self.queue, self.writable = queue, writable
        writable.set()
        now = limits()
        self.conn = _Handshake(max_size=now.message_limit, logger=logging.getLogger("uvicorn.error"))
        self._write_timeout_s = now.write_timeout_s
        self._cut_off = CutOff(self.loop)
        self._deaf = False
        self._pongs = b""
        self._unread = b""
        self._turn: asyncio.Handle | None = None
        self._is_waited_for = False
        self._parser_has_frames = False
        self._receipt_reader: ReceiptReader | None = None
        self._take_receipts: Callable[[list[str]], None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self._cut_off.watch(transport)

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent, some of it in each turn; the first call brings the whole head."""
        if self._deaf:
            return
        self._keepalive.is_heard = True
        if self.handshake_initiated and (self._unread or len(data) > _READ_AT_ONCE):
            self._unread += data
            self.transport.pause_reading()
            if self._turn is None and self._wants_more:
                self._read_on()
            return
        if self.handshake_initiated:
            self._read(data)
        elif not self.close_sent:
            self._read_head(data)

    def hand_receipts_to(self, take: Callable[[list[str]], None] | None) -> None:
        """Hand receipts to this and not to :meth:`receive`; None: none come, or no more.

        They come in order: while the application has not dealt with what came before, they come as usual.
        So they do always where the parser has had frames before this, or refuses one for its size.
        """
        may_be_taken = (self.conn.max_message_size or 0) >= LONGEST_RECEIPT
        self._take_receipts = take if may_be_taken else None
        if self._receipt_reader is None and not self._parser_has_frames:
            self._receipt_reader = ReceiptReader()

    def forget_handshake(self) -> None:
        """Let go of what it said, once it was read and answered: more than a kilobyte a connection."""
        nothing: Any = None
        self.request = self.response = nothing
        headers: Any = self.scope["headers"]
        headers.clear()

    async def receive(self) -> Any:
        """What the peer sent, for the application; what it has not taken yet keeps more from being read."""
        self._is_waited_for = True
        try:
            message = await self.queue.get()
        finally:
            self._is_waited_for = False
        if self.queue.empty():
            self._go_on_reading()
        return message

    def handle_connect(self, event: Request) -> None:
        """Put the transport where :func:`transport_of` finds it."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"] = {
                **(self.scope["extensions"] or {}),
                TRANSPORT_EXTENSION: {"transport": self.transport},
            }

    def handle_cont(self, event: Frame) -> None:
        """Join fragments as they come: kept one by one they would take many times what message_limit says."""
        frames: list[Any] = self.frames  # other than uvicorn says, one that grows
        if not isinstance(frames[0], bytearray):
            frames[0] = bytearray(frames[0])
        frames[0] += event.data
        if event.fin:
            frames[0] = bytes(frames[0])
            self.send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer what came at once; a peer that does not read is owed the newest only (RFC 6455, 5.5.3)."""
        pongs = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pongs)
        elif pongs:
            self._pongs = pongs

    def handle_close(self, event: Frame) -> None:
        """End it; what answers the close frame may be among what is owed."""
        self._send_pongs()
        super().handle_close(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message over; text that is not UTF-8 is the peer's fault and ends the connection."""
        if self.curr_msg_data_type == "text" and not self.close_sent:
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.frames = []
                if self.conn.state is not OPEN:
                    return  # it has said goodbye behind it
                self._warn(_log, "a text message is not UTF-8: closed")
                self.conn.send_close(CloseCode.INVALID_DATA, "a text message is not UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send for the application. A handshake that it denied is done, too, other than uvicorn thinks.

        Raises:
            ClientDisconnected: The peer has ended it, by a close frame or by something that is none, or has
                left before it was answered, and the application does not know yet; uvicorn takes that for a
                defect of the application.
        """
        await self.writable.wait()
        if self.initial_response is None:
            is_over = self.close_sent if self.handshake_complete else self._is_gone()
            if is_over:
                self.handshake_complete = True  # nobody is there to be answered: the application may end
                raise ClientDisconnected
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True
        if self.close_sent:
            self._go_on_reading()
        self._end_if_closed()

    def send_500_response(self) -> None:
        """Answer a handshake that the application did not; not twice, and not a peer that is gone."""
        if not self._is_gone():
            super().send_500_response()

    def connection_lost(self, exc: Exception | None) -> None:
        """Report 1006 instead of 1005 if no close frame came."""
        if self.conn.close_rcvd is None:
            self.handshake_complete = False
        super().connection_lost(exc)
        self._read_no_more()
        self.handshake_complete = True  # as above
        self._cut_off.cancel()
        if self.on_lost is not None:
            self.on_lost()
        self.on_lost = None
        self.conn.parser.close()  # a generator holds what holds it, and only the collector would end that

    def pause_writing(self) -> None:
        """The peer does not read: not for ever."""
        super().pause_writing()
        self._cut_off.start(self._write_timeout_s)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._send_pongs()
        if not self.close_sent:
            self._cut_off.cancel()

    def start_keepalive(self) -> None:
        """The handshake is done. Other than uvicorn's this takes no timer of its own."""
        self._keepalive.start(self._keepalives, self)

    def stop_keepalive(self) -> None:
        """It ends."""
        self._keepalive.stop()

    @property
    def is_behind(self) -> bool:
        """Whether its answer may wait behind what the application has not taken, or the peer is to take."""
        return self.read_paused or bool(self._unread) or not self.writable.is_set()

    def send_ping(self) -> None:
        """Ask whether the peer is there."""
        if not self.has_ended:
            self.transport.write(EMPTY_PING)

    def keepalive_timeout(self) -> None:
        """The peer does not answer, and so perhaps does not read that it is closed either."""
        super().keepalive_timeout()
        self._end_if_closed()

    def handle_parser_exception(self) -> None:
        """Tell the peer why nothing more is read of it.

        What it is still sending is thrown away: closing a line with something unread on it resets it, which
        overtakes the close frame (RFC 6455, 7.1.1).
        """
        if self.conn.close_sent is None:  # the handshake is not answered yet
            self._refuse(*_NO_FRAME)
            return
        code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.close_sent = True
        if self.on_end is not None:
            self.on_end()
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.go_deaf()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
        self._end_if_closed()

    def shutdown(self) -> None:
        """Close in order, and then in any case; for uvicorn a handshake that waits is a defect."""
        is_answered = self.initial_response is not None or self.handshake_complete or self.close_sent
        if is_answered or self._is_gone():
            super().shutdown()
        else:
            self._answer(*_STOPPING)
        self._cut_off.start(self._write_timeout_s)

    def go_deaf(self) -> None:
        """Take nothing any more, not even a ping or a close frame, and send no ping: only the line's end."""
        self._deaf = True
        self._read_no_more()
        self.stop_keepalive()
        self._cut_off.cancel()
        self.transport.resume_reading()  # a message may wait to be read; what comes is thrown away

    def _read_head(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            self._refuse(*_NOT_UNDERSTOOD)  # otherwise the peer would wait for ever

    def _read_on(self) -> None:
        self._turn = None
        part, self._unread = self._unread[:_READ_AT_ONCE], self._unread[_READ_AT_ONCE:]
        self._read(part)
        if self._wants_more:
            self._go_on_reading()

    def _read(self, data: bytes) -> None:
        """Take frames, or parts of them."""
        reader, take = self._receipt_reader, self._take_receipts
        if reader is None:
            self._parser_has_frames = True
        else:
            pick = take is not None and self._is_waited_for and self.queue.empty() and self.conn.state is OPEN
            receipts, data = reader.read(data, pick=pick)
            if receipts and take is not None:
                take(receipts)
        if data:
            super().data_received(data)

    @property
    def _wants_more(self) -> bool:
        """The application has taken all, or has closed: then only the peer's close frame is waited for."""
        return self.close_sent or self.queue.empty()

    def _go_on_reading(self) -> None:
        """In the next turn; with what is there already, or with what comes."""
        if self.transport.is_closing():
            self._read_no_more()
        elif self._unread:
            if self._turn is None:
                self._turn = self.loop.call_soon(self._read_on)
        else:
            self.read_paused = False
            self.transport.resume_reading()

    def _read_no_more(self) -> None:
        self._unread = b""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing may be written to the transport any more."""
        return self.close_sent or self.transport.is_closing()

    def _send_pongs(self) -> None:
        pongs, self._pongs = self._pongs, b""
        if pongs and not self.has_ended:
            self.transport.write(pongs)

    def _is_gone(self) -> bool:
        return self.transport.is_closing() or self.conn.eof_sent

    def _end_if_closed(self) -> None:
        if self.close_sent:
            self._cut_off.start(self._write_timeout_s)

    def _refuse(self, status: str, sentence: str) -> None:
        self._warn(_log, "handshake refused: %s", sentence)
        self._answer(status, sentence)

    def _answer(self, status: str, sentence: str) -> None:
        self.transport.write(raw_reply(status, sentence))
        self.close_sent = True
        self.transport.close()


def protocol_of(websocket: HTTPConnection) -> SubscriberProtocol:
    """The protocol of a WebSocket of this server."""
    protocol = transport_of(websocket).get_protocol()
    assert isinstance(protocol, SubscriberProtocol)  # noqa: S101 - WebSockets of this server have no other
    return protocol


def transport_of(request: HTTPConnection) -> asyncio.Transport:
    """The transport under a WebSocket or request of this server."""
    transport: asyncio.Transport = request.scope["extensions"][TRANSPORT_EXTENSION]["transport"]
    return transport
