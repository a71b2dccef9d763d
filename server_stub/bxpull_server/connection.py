"""One subscriber: what it listens to, and its bounded queue of frames to send."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal

from bxpull_server.batch import BATCH_SIZE, Batch
from bxpull_server.errors import EventError
from bxpull_server.light import Gate
from bxpull_server.protocol.close_codes import CloseCode, check_close_code
from bxpull_server.protocol.codecs import AnyCodec, Codec, Frame
from bxpull_server.protocol.messages import Message
from bxpull_server.warning_log import Warn, warn_always

Transport = Literal["websocket", "long polling"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CloseOrder:
    """How a connection is to be closed.

    Attributes:
        code: WebSocket close code.
        reason: One sentence, or empty.
        with_all: All connections are closed: no poll continues this one.
    """

    code: int
    reason: str = ""
    with_all: bool = False


class LineFault(Enum):
    """What a fault can do to the line under a connection."""

    DROP = auto()
    HALF_OPEN = auto()


def close_order(code: object, reason: object) -> CloseOrder:
    """An order from outside, checked.

    Raises:
        EventError: Not a code a server may close with, or a reason that is no text.
    """
    if not isinstance(reason, str):
        raise EventError("reason", f"must be a text, not {reason!r:.40}")
    return CloseOrder(check_close_code(code), reason)


def raw_message(message: object, field: str) -> Frame:
    """A message from outside, as it is to be sent; checked.

    Raises:
        EventError: Names ``field``: neither text nor bytes, or text that cannot be sent.
    """
    if isinstance(message, bytes):
        return message
    if not isinstance(message, str):
        raise EventError(field, f"must be text or bytes, not {message!r:.40}")
    try:
        message.encode()
    except UnicodeEncodeError as error:
        raise EventError(
            field, f"has half a character at {error.start}, and text is UTF-8: send it as bytes"
        ) from None
    return message


OVERFLOW = CloseOrder(
    CloseCode.TRY_AGAIN_LATER, "the queue of unread messages is full: reconnect with the last mid"
)


class Connection:
    """The sending side of one subscriber, without the socket: the hub pushes, the transport takes.

    What comes to an idle connection goes to its socket at once; what arrives while a write is under way goes
    out together. Nobody waits for a slow reader: a queue over its limit closes the connection, to be resumed.

    Attributes:
        on_closing: Called when a close is ordered, while the socket may still be busy with a slow reader.
        on_strike: Called when a fault strikes the line; None: there is none now, between two polls.
        on_ready: Called when :meth:`take_ready` may have something.
        sent: Frames handed to the socket so far.
        messages: Messages handed to the WebSocket so far, by its session, each of one frame or several.
        received: Messages that came over the WebSocket so far and have been dealt with, by its session.
        position: Mid of the last message handed to the socket, or the one it resumed from; "": neither.
        verdict: Position of the verdict that it was told first; "": it did not ask for one.
        acknowledged: Mid of the last message the subscriber says it has; None: it said nothing.
        between_polls: Whether its client is expected to poll again and is not polling now.
        further_channels: What the hub lets it listen to besides ``channels``.

    Args:
        number: Unique in this server.
        user: Whose private channel is among ``channels``; negative for guests, 0 if nobody's.
        channels: Channel ids listened to, in the order asked for.
        codec: The wire format.
        transport: What carries the frames.
        opened_at: Unix time in seconds.
        queue_limit: Characters (or bytes, in a binary format) that may wait to be sent.
        on_idle: Called whenever everything queued so far was handed to the socket.
        on_close: Called with the connection once a close is ordered.
        before: Called before what does not come by :meth:`deliver`, to bring what was published earlier.
        warn: Warns of what the subscriber did.
    """

    __slots__ = (
        "__weakref__",
        "_before",
        "_close",
        "_done_to",
        "_free_line",
        "_line",
        "_on_close",
        "_on_idle",
        "_queue",
        "_queue_limit",
        "_queued_size",
        "_replay",
        "_replaying",
        "_wake",
        "_warn",
        "_writing",
        "acknowledged",
        "between_polls",
        "channels",
        "codec",
        "further_channels",
        "messages",
        "number",
        "on_closing",
        "on_ready",
        "on_strike",
        "opened_at",
        "position",
        "received",
        "sent",
        "transport",
        "user",
        "verdict",
    )

    def __init__(
        self,
        *,
        number: int,
        user: int,
        channels: tuple[str, ...],
        codec: AnyCodec,
        transport: Transport,
        opened_at: float,
        queue_limit: int,
        on_idle: Callable[[], None],
        before: Callable[[], None] = lambda: None,
        on_close: Callable[["Connection"], None] = lambda _: None,
        warn: Warn = warn_always,
    ) -> None:
        self.number = number
        self.user = user
        self.channels = channels
        self.codec: Codec[Any] = codec
        self.transport = transport
        self.opened_at = opened_at
        self.sent = 0
        self.messages = 0
        self.received = 0
        self.position = ""
        self.verdict = ""
        self.acknowledged: str | None = None
        self.between_polls = False
        self.further_channels: set[str] = set()
        self.on_closing: Callable[[CloseOrder], None] | None = None
        self.on_strike: Callable[[LineFault], None] | None = None
        self.on_ready: Callable[[], None] | None = None
        self._on_idle = on_idle
        self._before = before
        self._on_close = on_close
        self._warn = warn
        self._queue_limit = queue_limit
        self._queued_size = 0
        # Live messages and their frames; a raw frame, which goes out alone, has no message.
        # Lists are a tenth of deques while there is nothing in them; they are shortened once a batch.
        self._queue: list[tuple[Message | None, Frame]] = []
        self._replay: list[Message] = []
        self._replaying = False
        # Live messages up to here were sent to it before, or published before it came.
        self._done_to = ""
        self._close: CloseOrder | None = None
        self._writing = False
        self._line: asyncio.WriteTransport | None = None
        # The same while nothing is to be sent before what comes now: one thing to look at in place of six.
        self._free_line: asyncio.WriteTransport | None = None
        self._wake = Gate()

    @property
    def idle(self) -> bool:
        """Whether everything pushed so far was handed to the socket."""
        return not (self._writing or self._replaying or self._queue or self._replay)

    @property
    def close_order(self) -> CloseOrder | None:
        """How the connection is being closed, or None if it stays open."""
        return self._close

    @property
    def closing(self) -> bool:
        """Whether a close was ordered."""
        return self._close is not None

    @property
    def queued(self) -> int:
        """Frames that wait to be sent."""
        return len(self._queue) + len(self._replay)

    def hold(self, mid: str) -> None:
        """Resume from ``mid``: keep live messages back until :meth:`replay` says what comes before them."""
        self.position = mid
        self._replaying = True
        self._free_line = None

    def replay(self, messages: Iterable[Message]) -> None:
        """Send these messages first; live ones that are among them are left out.

        One without a mid moves no position.
        """
        self._replay.extend(messages)
        if self._replay:
            self.begin_after(self._replay[-1].mid)
        self._replaying = False
        self._settle()
        self._wake_up()

    def begin_after(self, mid: str) -> None:
        """Leave out live messages up to this one."""
        self._done_to = max(self._done_to, mid)

    def attach(self, line: asyncio.WriteTransport) -> None:
        """Write to this socket what comes while nothing is to leave before it, until :meth:`detach`."""
        self._line = line
        self._settle()

    def detach(self) -> None:
        """Write to no socket any more: only queue."""
        self._line = self._free_line = None

    def deliver(self, batch: Batch) -> None:
        """Send live messages, or queue them."""
        line, messages = self._free_line, batch.messages
        done = 0
        # All in one function, which touches little: it is called for each of thousands of connections.
        if line is not None and messages[0].mid > self._done_to:
            for packet in batch.packets(self.codec):
                if line.get_write_buffer_size() or line.is_closing():
                    break
                line.write(packet.data)
                if line.is_closing():
                    break  # it failed
                done += packet.count
                self.position = packet.mid
                self.messages += 1
            self.sent += done
        if done < len(messages):
            self.enqueue(batch, done)

    def write_now(self, data: bytes) -> bool:
        """Write a message without events, framed, if nothing is to leave before it.

        Returns:
            False if something is, or the socket is busy: nothing was written.
        """
        line = self._free_line
        if line is None or line.get_write_buffer_size() or line.is_closing():
            return False
        line.write(data)
        if not line.is_closing():  # else it failed
            self.messages += 1
        return True

    def enqueue(self, batch: Batch, start: int = 0) -> None:
        """Queue live messages, all but the first ``start``."""
        frames = batch.frames(self.codec)
        for message, frame in zip(batch.messages[start:], frames[start:], strict=True):
            if not self._enqueue(message, frame):
                return

    def cut(self) -> None:
        """Drop the line: nothing can be written to it any more, and it must not wait for ever."""
        if self.on_strike is not None:
            self.on_strike(LineFault.DROP)

    def push_raw(self, message: Frame, *, in_order: bool = True) -> bool:
        """Queue a message to be sent alone and exactly like this.

        Args:
            message: See above.
            in_order: Behind everything that was published before; False: that does not matter.

        Returns:
            False if it is not taken: the connection is being closed, or is between two polls. The next poll
            may come with a position that this server does not know of, and would then be another connection.
        """
        if in_order:
            self._before()
        return not self.between_polls and self._enqueue(None, message)

    def unstored(self) -> list[Message]:
        """What waits to be sent and is stored nowhere else."""
        self._before()
        return [message for message, _ in self._queue if message is not None and not message.expiry]

    def _enqueue(self, message: Message | None, frame: Frame) -> bool:
        if self._close is not None:
            return False
        self._queued_size += len(frame)
        if self._queued_size > self._queue_limit:
            self._overflow()
            return False
        self._queue.append((message, frame))
        self._free_line = None
        self._wake_up()
        return True

    def close(self, order: CloseOrder) -> None:
        """Close after what is queued has been sent; the first order counts."""
        self._before()
        if self._close is None:
            self._order_close(order)

    async def take(self) -> Frame | CloseOrder:
        """The next message to send, or the order to close; waits for one.

        Taking the next one says that the one before was handed to the socket.
        """
        self._writing = False
        while (message := self.take_ready()) is None:
            await self.ready()
        return message

    async def ready(self) -> None:
        """Wait until :meth:`take_ready` has something; it may turn out to have been sent before."""
        while self._replaying or not (self._replay or self._queue or self._close):
            self._wake.clear()
            await self._wake.wait()

    def take_ready(self) -> Frame | CloseOrder | None:
        """The next message to send, or the order to close; None if there is nothing yet."""
        if self._replaying:
            return None
        message = self._replay_batch() if self._replay else self._live_batch()
        if message is not None:
            self._writing = True
            self._free_line = None
            return message
        self._settle()
        self._on_idle()
        return self._close

    def handed_over(self) -> None:
        """What was taken last is with the socket."""
        self._writing = False
        self._settle()
        if self.idle:
            self._on_idle()

    def _replay_batch(self) -> Frame:
        frames: list[Frame] = []
        size = 0
        for message in self._replay:
            if frames and size >= BATCH_SIZE:
                break
            frames.append(self.codec.encode(message))
            size += len(frames[-1])
            self.position = message.mid or self.position
        del self._replay[: len(frames)]
        return self._joined(frames)

    def _live_batch(self) -> Frame | None:
        frames: list[Frame] = []
        size = taken = 0
        alone: Frame | None = None
        for message, frame in self._queue:
            if frames and (message is None or size + len(frame) > BATCH_SIZE):
                break
            taken += 1
            self._queued_size -= len(frame)
            if message is None:
                alone = frame
                break
            if message.mid > self._done_to:
                frames.append(frame)
                size += len(frame)
                self.position = message.mid
        del self._queue[:taken]
        if alone is not None:
            return alone
        return self._joined(frames) if frames else None

    def _joined(self, frames: list[Frame]) -> Frame:
        self.sent += len(frames)
        message: Frame = self.codec.join(frames)
        return message

    def _settle(self) -> None:
        self._free_line = self._line if self.idle and self._close is None else None

    def _wake_up(self) -> None:
        self._wake.set()
        if self.on_ready is not None:
            self.on_ready()

    def _overflow(self) -> None:
        self._warn(_log, "connection %d reads too slowly: closed, it can resume by mid", self.number)
        self._queue.clear()
        self._replay.clear()
        self._replaying = False
        self._queued_size = 0
        self._order_close(OVERFLOW)

    def _order_close(self, order: CloseOrder) -> None:
        self._close = order
        self._free_line = None
        self._on_close(self)
        self._wake_up()
        if self.on_closing is not None:
            self.on_closing(order)
