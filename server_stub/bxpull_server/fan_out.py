"""Published messages on their way to connections: what comes in one turn of the loop goes out together."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import repeat

from bxpull_server.batch import Batch
from bxpull_server.connection import Connection
from bxpull_server.protocol.messages import Message

Listeners = Mapping[str, Mapping[Connection, None]]
_NOBODY: Mapping[Connection, None] = {}
_LONGEST_REST_S = 0.05
_log = logging.getLogger(__name__)


class FanOut:
    """Delivers messages, each once to a connection, in the order in which they were published.

    A write costs the same whatever is in it. So an event goes out in the same turn of the loop, with all
    others of that turn; and after a round that took long the next one waits for what comes meanwhile, if that
    spares writes (:func:`rest_after`). When there is little to do nothing waits.

    Attributes:
        may_strike: Whether faults may: then all goes by way of connections' queues.

    Args:
        listeners: Who listens to which channel.
        closing: Who of them is being closed, and gets nothing more.
        on_sent: Called after each round.
    """

    def __init__(
        self, listeners: Listeners, closing: AbstractSet[Connection], on_sent: Callable[[], None]
    ) -> None:
        self._listeners = listeners
        self._closing = closing
        self._on_sent = on_sent
        self.may_strike: Callable[[], bool] = lambda: False
        self._waiting: list[Sequence[Message]] = []
        self._handle: asyncio.Handle | None = None
        self._rests_until = 0.0

    @property
    def last(self) -> str:
        """Mid of the newest event that is on its way to connections; "": none is."""
        return self._waiting[-1][0].mid if self._waiting else ""

    def add(self, messages: Sequence[Message]) -> int:
        """Send an event, as each of these channels gets it.

        Returns:
            To how many connections it goes.
        """
        reached = self._reached(messages)
        if not reached:
            return 0
        if self._handle is None:
            loop = asyncio.get_running_loop()
            rest = self._rests_until - loop.time()
            self._handle = loop.call_later(rest, self.flush) if rest > 0 else loop.call_soon(self.flush)
        self._waiting.append(messages)
        return reached

    def flush(self) -> None:
        """Send now: what is sent or closed after this is not to overtake anything."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if not self._waiting:
            return
        time = asyncio.get_running_loop().time
        began = time()
        waiting, self._waiting = self._waiting, []
        channels = {message.channel for messages in waiting for message in messages}
        deliver = self._deliver_same if len(channels) == 1 else self._deliver_mixed
        deliveries = deliver(waiting)
        ended = time()
        self._rests_until = ended + rest_after(ended - began, len(waiting), deliveries)
        self._on_sent()

    def _reached(self, messages: Sequence[Message]) -> int:
        """Counted without a walk over the listeners: there may be thousands, and events come in hundreds."""
        if len(messages) == 1:
            listening: AbstractSet[Connection] = self._listeners.get(messages[0].channel, _NOBODY).keys()
        else:
            listening = set().union(*(self._listeners.get(one.channel, _NOBODY) for one in messages))
        return len(listening) - (len(listening & self._closing) if self._closing else 0)

    def _deliver_same(self, waiting: Sequence[Sequence[Message]]) -> int:
        """All are on one channel; returns to how many connections they went."""
        batch = Batch([message for messages in waiting for message in messages])
        connections = tuple(self._listeners.get(batch.messages[0].channel, ()))
        self._hand_over(zip(connections, repeat(batch)))
        return len(connections)

    def _deliver_mixed(self, waiting: Sequence[Sequence[Message]]) -> int:
        """Each connection gets what is for it; returns how many there were."""
        found = self._by_connection(waiting)
        batches: dict[object, Batch] = {}
        deliveries: list[tuple[Connection, Batch]] = []
        for connection, taken in found.items():
            key = id(taken[0]) if len(taken) == 1 else tuple(map(id, taken))
            batch = batches.get(key)
            if batch is None:
                batch = batches[key] = Batch(taken)
            # All are encoded before the first is written: see bxpull_server.web.answers.
            try:
                batch.packets(connection.codec)
            except Exception:  # noqa: BLE001 - as when it is handed over
                _cut(connection)
            else:
                deliveries.append((connection, batch))
        self._hand_over(deliveries)
        return len(found)

    def _by_connection(self, waiting: Sequence[Sequence[Message]]) -> dict[Connection, list[Message]]:
        """A connection that listens to several channels of an event gets what the first of them says."""
        found: dict[Connection, list[Message]] = {}
        for messages in waiting:
            for message in messages:
                for connection in self._listeners.get(message.channel, ()):
                    taken = found.setdefault(connection, [])
                    if not taken or taken[-1].mid != message.mid:
                        taken.append(message)
        return found

    def _hand_over(self, deliveries: Iterable[tuple[Connection, Batch]]) -> None:
        hand_over = Connection.enqueue if self.may_strike() else Connection.deliver
        for connection, batch in deliveries:
            try:
                hand_over(connection, batch)
            except Exception:  # noqa: BLE001 - the others get theirs, and this one comes back for its own
                _cut(connection)


def rest_after(round_s: float, events: int, deliveries: int) -> float:
    """How long to wait after a round, in seconds: as long as it took, less where little is spared by that.

    Who waits for what comes gets it in the same write. Where each event is for somebody else there is no such
    write, and all would only come later.

    Args:
        round_s: What the round took.
        events: How many it brought.
        deliveries: To how many connections.
    """
    spared = 1 - events / deliveries if deliveries > events else 0
    return min(round_s, _LONGEST_REST_S) * spared


def _cut(connection: Connection) -> None:
    """End it, as something has just failed for it."""
    _log.exception("connection %d cannot be written to: cut", connection.number)
    connection.cut()
