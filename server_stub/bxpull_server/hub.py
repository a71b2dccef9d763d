"""Connections and fan-out: who listens to which channel, and how a published event reaches them."""

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bxpull_server.clock import Clock, unix_time
from bxpull_server.connection import CloseOrder, Connection, Transport
from bxpull_server.errors import StoppingError
from bxpull_server.event_feed import EventFeed
from bxpull_server.fan_out import FanOut
from bxpull_server.presence import Presence
from bxpull_server.protocol.codecs import AnyCodec
from bxpull_server.protocol.merging import additions_json, check_nesting
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, Message, Sender
from bxpull_server.protocol.resume import resume_message
from bxpull_server.store import NO_ADDITIONS, Store
from bxpull_server.value import value
from bxpull_server.waiting import Pulse
from bxpull_server.warning_log import Warn, warn_always

Additions = Mapping[str, Any]
_log = logging.getLogger(__name__)


@value
class Published:
    """What became of a published event.

    Attributes:
        mid: Its id; None if it was for no channel at all (a tag nobody watches).
        delivered: How many connections it was queued for.
    """

    mid: str | None
    delivered: int


class Hub:
    """Connects the store with the subscribers.

    Attributes:
        store: Assigns mids and keeps history.
        presence: Who is online.
        feed: Tells those who look on what is published.
        published: Events so far.
        delivered: For how many connections they were queued.
        warn: Warns of what a peer did.
        stopping: Nothing is taken any more that would be lost.

    Args:
        store: See above.
        clock: Time and timers.
        queue_limit: Characters (or bytes) that may wait for one connection.
        warn: See above.
    """

    def __init__(self, store: Store, clock: Clock, queue_limit: int, warn: Warn = warn_always) -> None:
        self.store = store
        self.warn = warn
        self.presence = Presence(clock)
        self.feed = EventFeed(clock)
        self.published = 0
        self.delivered = 0
        self.stopping = False
        self._clock = clock
        self._queue_limit = queue_limit
        self._numbers = itertools.count(1)
        self._connections: dict[int, Connection] = {}
        self._by_channel: dict[str, dict[Connection, None]] = {}
        self._by_user: dict[int, dict[Connection, None]] = {}
        self._closing: set[Connection] = set()
        self._changed = Pulse()
        self._fan_out = FanOut(self._by_channel, self._closing, self._changed.fire)

    def expect_faults(self, may_strike: Callable[[], bool]) -> None:
        """Let faults have what is sent, whenever this says that they may strike."""
        self._fan_out.may_strike = may_strike

    @property
    def idle(self) -> bool:
        """Whether everything published so far was handed to the sockets."""
        return not self._fan_out.last and all(connection.idle for connection in self._connections.values())

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All open connections, oldest first."""
        return tuple(self._connections.values())

    @property
    def channel_count(self) -> int:
        """Channels with at least one subscriber."""
        return len(self._by_channel)

    def of_user(self, user: int) -> list[Connection]:
        """The connections of one user (or guest) that are not being closed, oldest first."""
        return [connection for connection in self._by_user.get(user, ()) if not connection.closing]

    def subscribers(self, channel: str) -> int:
        """How many connections listen to ``channel``."""
        return len(self._by_channel.get(channel, ()))

    async def connect(
        self,
        channels: tuple[str, ...],
        codec: AnyCodec,
        user: int,
        mid: str | None,
        earlier: Sequence[str] = (),
        transport: Transport = "websocket",
        *,
        verdict: bool = False,
        origin: str = "",
        also: Sequence[Message] = (),
    ) -> Connection:
        """Add a subscriber; with ``mid`` it first gets every stored message after it, then live ones.

        It listens before the history is read, so nothing falls between the two, and nothing is sent twice.

        Args:
            channels: What it listens to.
            codec: The wire format.
            user: Whose private channel is among them; 0: nobody's.
            mid: The last message it has, or None to begin with the next one.
            earlier: Replaced channels whose stored messages belong to it, too.
            transport: What carries the messages.
            verdict: Tell it first whether the history covers its mid (:mod:`bxpull_server.protocol.resume`).
            origin: Beginning of the history that ``mid`` is of; "": not known. If it is not the store's, the
                mid is nothing to go by where it is newer than the store's beginning.
            also: What it gets besides the stored messages, each at its place.
        """
        position = await self.store.position() if verdict else ""
        asked = mid or ""
        if verdict and mid is None:
            mid = position
        elif origin and origin != self.store.beginning and mid is not None:
            mid = min(mid, self.store.beginning)
        connection = Connection(
            number=next(self._numbers),
            user=user,
            channels=channels,
            codec=codec,
            transport=transport,
            opened_at=unix_time(self._clock),
            queue_limit=self._queue_limit,
            on_idle=self._changed.fire,
            before=self._fan_out.flush,
            on_close=self._closing.add,
            warn=self.warn,
        )
        if mid is not None:
            connection.hold(mid)
        connection.begin_after(self._fan_out.last)
        self._connections[connection.number] = connection
        self._by_user.setdefault(user, {})[connection] = None
        for channel in channels:
            self._by_channel.setdefault(channel, {})[connection] = None
        if mid is not None:
            history = await self.store.since((*channels, *earlier), mid)
            if history.through > mid:
                self.warn(_log, "connection %d resumes from before the kept history", connection.number)
            messages = sorted((*history.messages, *also), key=lambda message: message.mid)
            if verdict:
                now = int(unix_time(self._clock))
                connection.verdict = position
                messages.insert(
                    0, resume_message(asked, position, history.through, self.store.beginning, now)
                )
            connection.replay(messages)
        self.presence.arrived(user)
        self._changed.fire()
        return connection

    def listen(self, connection: Connection, channel: str) -> None:
        """Let a connection listen to one more channel, until it leaves it or is gone."""
        self._fan_out.flush()
        connection.further_channels.add(channel)
        self._by_channel.setdefault(channel, {})[connection] = None

    def leave(self, connection: Connection, channel: str) -> None:
        """Let a connection listen to a further channel no more; does nothing if it does not."""
        self._fan_out.flush()
        connection.further_channels.discard(channel)
        _remove(self._by_channel, channel, connection)

    def disconnect(self, connection: Connection) -> None:
        """Forget a subscriber whose socket is gone."""
        if self._connections.pop(connection.number, None) is None:
            return
        self._closing.discard(connection)
        _remove(self._by_user, connection.user, connection)
        for channel in (*connection.channels, *connection.further_channels):
            _remove(self._by_channel, channel, connection)
        self.presence.left(connection.user)
        self._changed.fire()

    async def publish(
        self,
        channels: Sequence[str],
        body: str,
        *,
        expiry: int = DEFAULT_EXPIRY_S,
        sender: Sender = Sender.BACKEND,
        dictionary: Additions | None = None,
        user_params: Mapping[str, Additions] | None = None,
    ) -> Published:
        """Store an event (JSON text) on ``channels`` and queue it for everybody who listens.

        A connection that listens to several of the channels gets the event once.

        Args:
            channels: Channel ids.
            body: The event.
            expiry: Seconds it is kept for those who connect later; 0: not at all.
            sender: Who publishes.
            dictionary: Additions to ``params`` for everybody.
            user_params: Further additions, by channel.

        Raises:
            EventError: The additions cannot be sent as JSON, or be merged into the body.
        """
        if not channels:
            return Published(None, 0)
        if dictionary or user_params:
            check_nesting("params", body)
        messages = await self.store.append(
            channels,
            body,
            expiry=expiry,
            sender=sender,
            dictionary=additions_json("dictionary", dictionary) if dictionary else None,
            user_params={
                channel: additions_json("user_params", additions)
                for channel, additions in user_params.items()
            }
            if user_params
            else NO_ADDITIONS,
        )
        reached = self._fan_out.add(messages)
        self.published += 1
        self.delivered += reached
        self.feed.offer(messages, reached)
        return Published(messages[0].mid, reached)

    def check_open(self) -> None:
        """Refuse what somebody wants to publish, if it could not be kept.

        Raises:
            StoppingError: The server is stopping.
        """
        if self.stopping:
            raise StoppingError("the server is stopping: nothing was published, try again when it is back")

    def flush(self) -> None:
        """Hand over what was published and has not left its turn of the loop."""
        self._fan_out.flush()

    def close_user(self, user: int, order: CloseOrder) -> int:
        """Close the connections of one user after their queues were sent; returns how many."""
        connections = self.of_user(user)
        for connection in connections:
            connection.close(order)
        return len(connections)

    def close_all(self, order: CloseOrder) -> None:
        """Close every connection after its queue was sent."""
        order = replace(order, with_all=True)
        for connection in self.connections:
            connection.close(order)
            if connection.between_polls and connection.on_closing is not None:
                connection.on_closing(order)  # its next poll was to be told an earlier order

    async def wait_connected(self, user: int, tabs: int, timeout_s: float) -> None:
        """Return once ``user`` has at least ``tabs`` connections.

        Raises:
            WaitTimeoutError: Not in time; names who is connected.
        """

        def seen() -> str:
            counts = Counter(connection.user for connection in self.connections)
            others = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "nobody"
            wanted = f"user {user} has {counts[user]} of {tabs} connections"
            return f"{wanted}; connected (user: connections): {others}"

        await self._changed.until(lambda: len(self.of_user(user)) >= tabs, timeout_s, seen)

    async def wait_disconnected(self, user: int, timeout_s: float) -> None:
        """Return once ``user`` has no connection any more, and no long poll.

        Raises:
            WaitTimeoutError: Not in time; says how many there are.
        """
        await self._changed.until(
            lambda: user not in self._by_user,
            timeout_s,
            lambda: f"user {user} still has {len(self._by_user.get(user, ()))} connections",
        )

    async def wait_delivered(self, timeout_s: float) -> None:
        """Return once everything published so far was handed to the sockets.

        Raises:
            WaitTimeoutError: Not in time; says how much waits.
        """
        self.flush()

        def seen() -> str:
            waiting = [connection for connection in self.connections if not connection.idle]
            frames = sum(connection.queued for connection in waiting)
            return f"{frames} frames still wait to be sent on {len(waiting)} connections"

        await self._changed.until(lambda: self.idle, timeout_s, seen)

    async def wait_empty(self, timeout_s: float) -> None:
        """Return once no connection is left.

        Raises:
            WaitTimeoutError: Not in time.
        """
        await self._changed.until(
            lambda: not self._connections,
            timeout_s,
            lambda: f"{len(self._connections)} connections are still open",
        )


def _remove(listeners: dict[Any, dict[Connection, None]], key: object, connection: Connection) -> None:
    found = listeners.get(key)
    if found is not None:
        found.pop(connection, None)
        if not found:
            del listeners[key]
