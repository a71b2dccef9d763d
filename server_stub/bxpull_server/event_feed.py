"""What is published, for those who look on, such as ``bxpull tail``."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bxpull_server.clock import Clock, unix_time
from bxpull_server.protocol.messages import Message
from bxpull_server.value import value
from bxpull_server.waiting import Pulse

MAX_EVENTS = 10_000
MAX_CHARS = 16 * 1024 * 1024


@value
class PublishedEvent:
    """An event as it was published.

    Attributes:
        messages: The event on each of its channels, at least one.
        delivered: How many connections it was queued for.
        at: Unix time in seconds.
    """

    messages: tuple[Message, ...]
    delivered: int
    at: float


class FeedReader:
    """One who looks on. What is not read in time is left out, the oldest first, and counted.

    Args:
        max_events: How many may wait.
        max_chars: Characters their bodies may have together; the newest event is kept whatever its size.
    """

    def __init__(self, max_events: int, max_chars: int) -> None:
        self._max_events = max_events
        self._max_chars = max_chars
        self._waiting: deque[PublishedEvent] = deque()
        self._chars = 0
        self._left_out = 0
        self._closed = False
        self._changed = Pulse()

    def offer(self, event: PublishedEvent) -> None:
        """Let the event wait to be read."""
        self._waiting.append(event)
        self._chars += len(event.messages[0].body)
        while len(self._waiting) > self._max_events or (
            self._chars > self._max_chars and len(self._waiting) > 1
        ):
            self._chars -= len(self._waiting.popleft().messages[0].body)
            self._left_out += 1
        self._changed.fire()

    def close(self) -> None:
        """Let nothing more come."""
        self._closed = True
        self._changed.fire()

    def take(self) -> PublishedEvent | None:
        """The oldest event that waits; None: there is none."""
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        self._chars -= len(event.messages[0].body)
        return event

    def take_left_out(self) -> int:
        """How many events were left out since this was asked last; all were older than those that wait."""
        left_out, self._left_out = self._left_out, 0
        return left_out

    @property
    def waiting(self) -> tuple[PublishedEvent, ...]:
        """What waits, oldest first."""
        return tuple(self._waiting)

    async def ready(self, timeout_s: float) -> None:
        """Return once there is something to read, or the feed is closed.

        Raises:
            WaitTimeoutError: Neither came in ``timeout_s`` real seconds.
        """
        await self._changed.until(lambda: bool(self._waiting) or self._closed, timeout_s, lambda: "no event")


class EventFeed:
    """Hands what is published to every reader; costs nothing while there is none.

    Args:
        clock: Says when an event was published.
        max_events: Events that may wait for one reader.
        max_chars: Characters that may wait for one reader.
    """

    def __init__(self, clock: Clock, max_events: int = MAX_EVENTS, max_chars: int = MAX_CHARS) -> None:
        self._clock = clock
        self._max_events = max_events
        self._max_chars = max_chars
        self._readers: dict[FeedReader, None] = {}
        self._keeper: FeedReader | None = None

    @property
    def readers(self) -> int:
        """How many look on."""
        return len(self._readers)

    @contextmanager
    def reader(self) -> Iterator[FeedReader]:
        """Look on for as long as the context lasts."""
        reader = FeedReader(self._max_events, self._max_chars)
        self._readers[reader] = None
        try:
            yield reader
        finally:
            self._readers.pop(reader, None)

    @property
    def kept(self) -> tuple[PublishedEvent, ...]:
        """The newest events since :meth:`keep`."""
        return self._keeper.waiting if self._keeper else ()

    def keep(self, max_events: int) -> None:
        """Keep the newest events from now on."""
        if self._keeper:
            self._readers.pop(self._keeper, None)
        self._keeper = FeedReader(max_events, self._max_chars)
        self._readers[self._keeper] = None

    def offer(self, messages: Sequence[Message], delivered: int) -> None:
        """Tell the readers of an event on its channels, and of the connections it was queued for."""
        if not self._readers:
            return
        event = PublishedEvent(tuple(messages), delivered, unix_time(self._clock))
        for reader in self._readers:
            reader.offer(event)

    def close(self) -> None:
        """Let the readers come to an end; others may come."""
        for reader in self._readers:
            reader.close()
