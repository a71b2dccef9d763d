"""Message history in memory, bounded per channel in messages, and in bytes as a whole."""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from bxpull_server.clock import NS_PER_S, Clock
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.protocol.mids import MidSource, counter_of, seconds_of
from bxpull_server.store.base import NO_ADDITIONS, History

_NS_PER_MS = 1_000_000
# How long an empty channel remembers what it lost. Who comes from before that is told of a gap in any case.
_REMEMBERED_S = 86_400
# What an event takes besides its texts, and each of its messages, roughly.
_PER_EVENT = 250
_PER_MESSAGE = 140
_by_mid = attrgetter("mid")


@dataclass(slots=True)
class _Log:
    """One channel: its messages in mid order, their size, and the newest mid that is lost to it."""

    messages: list[Message] = field(default_factory=list)
    size: int = 0
    through: str = ""

    def lose(self, mid: str) -> None:
        self.through = max(self.through, mid)


class MemoryStore:
    """Keeps each channel's messages until they expire, at most ``limit`` of them and ``max_bytes`` of all.

    Where that is too much, the channels that hold most lose their oldest: who fills one does not cost others
    theirs. An event on several channels counts once, until the last has lost it.

    What came before it was made is lost to all channels. What is published not to be kept (expiry 0) is only
    for those who are there, and never counts as lost.

    Args:
        clock: Says when a message was made and when it has expired.
        limit: Messages kept a channel; the oldest go first and resuming from before them is told as a gap.
        max_bytes: What all of them may take.
    """

    def __init__(self, clock: Clock, limit: int = 20_000, max_bytes: int = 256 * 1024 * 1024) -> None:
        self._clock = clock
        self._limit = limit
        self._slack = max(1, limit // 8)
        self._max_bytes = max_bytes
        self._bytes = 0
        # By mid: the common bytes of an event's messages, as they were at first; and how many channels keep
        # it, where that is more than one. Objects in place of numbers would keep the garbage collector busy.
        self._sizes: dict[str, int] = {}
        self._holders: dict[str, int] = {}
        self._mids = MidSource()
        self._logs: dict[str, _Log] = {}
        # Lost to all channels.
        self._through = self._mids.next(clock.time_ns())
        self._beginning = self._through

    @property
    def beginning(self) -> str:
        """A mid that everything in it, ever, is newer than."""
        return self._beginning

    async def append(
        self,
        channels: Sequence[str],
        body: str,
        *,
        expiry: int,
        sender: Sender,
        dictionary: str | None = None,
        user_params: Mapping[str, str] = NO_ADDITIONS,
    ) -> tuple[Message, ...]:
        """Store one event on each of ``channels`` under one new mid."""
        now_ns = self._clock.time_ns()
        mid = self._mids.next(now_ns)
        created = now_ns // NS_PER_S
        messages = tuple(  # of a list: a generator costs as much as a message
            [
                Message(mid, channel, body, created, expiry, sender, dictionary, user_params.get(channel))
                for channel in channels
            ]
        )
        if expiry > 0 and messages:
            size = _PER_EVENT + sys.getsizeof(body) + sys.getsizeof(dictionary)
            self._sizes[mid] = size
            if len(messages) > 1:
                self._holders[mid] = len(messages)
            self._bytes += size
            for message in messages:
                self._keep(message, size)
            if self._bytes > self._max_bytes:
                self._make_room()
        return messages

    async def position(self) -> str:
        """A mid that everything stored from now on is newer than."""
        return self._mids.next(self._clock.time_ns())

    async def since(self, channels: Sequence[str], mid: str) -> History:
        """Everything newer than ``mid``; an event on several of the channels comes once, with additions."""
        now = divmod(self._clock.time_ns(), NS_PER_S)
        found: dict[str, Message] = {}
        through = self._through
        for channel in channels:
            log = self._logs.get(channel)
            if log is None:
                continue
            through = max(through, log.through)
            start = bisect_right(log.messages, mid, key=_by_mid)
            for message in log.messages[start:]:
                if _has_expired(message, now):
                    through = max(through, message.mid)
                    continue
                kept = found.get(message.mid)
                if kept is None or (kept.user_params is None and message.user_params is not None):
                    found[message.mid] = message
        return History(tuple(sorted(found.values(), key=_by_mid)), through)

    async def count(self, channel: str) -> int:
        """How many messages of ``channel`` are kept."""
        log = self._logs.get(channel)
        return len(log.messages) if log else 0

    async def clear(self) -> int:
        """Forget all messages; returns how many there were."""
        return await self.evict(tuple(self._logs))

    async def evict(self, channels: Sequence[str]) -> int:
        """Forget the messages of these channels; returns how many there were."""
        logs = [log for channel in dict.fromkeys(channels) if (log := self._logs.get(channel)) is not None]
        count = sum(len(log.messages) for log in logs)
        for log in logs:
            self._drop(log, len(log.messages))
        return count

    def sweep(self) -> None:
        """Drop expired messages, and channels that have been empty for a day."""
        now = divmod(self._clock.time_ns(), NS_PER_S)
        for channel, log in list(self._logs.items()):
            expired = [message for message in log.messages if _has_expired(message, now)]
            if expired:
                log.lose(expired[-1].mid)
                log.messages = [message for message in log.messages if not _has_expired(message, now)]
                self._release(log, expired)
            if not log.messages and seconds_of(log.through) + _REMEMBERED_S <= now[0]:
                self._through = max(self._through, log.through)
                del self._logs[channel]

    def _keep(self, message: Message, shared: int) -> None:
        log = self._logs.get(message.channel)
        if log is None:
            log = self._logs[message.channel] = _Log()
        own = _own_size(message)
        log.messages.append(message)
        log.size += shared + own
        self._bytes += own
        if len(log.messages) > self._limit + self._slack:
            # A block at a time, so that a full channel does not move its list for every message.
            self._drop(log, len(log.messages) - self._limit)

    def _make_room(self) -> None:
        """Cut the channels that hold most to one size, a block at a time as above."""
        size = max(log.size for log in self._logs.values())
        while self._bytes > self._max_bytes - self._max_bytes // 8:
            size = size * 3 // 4
            for log in self._logs.values():
                self._cut(log, size)

    def _cut(self, log: _Log, size: int) -> None:
        """Drop the oldest messages of a channel until the rest has no more than this size."""
        left, count = log.size, 0
        while left > size:
            left -= self._size(log.messages[count])
            count += 1
        self._drop(log, count)

    def _drop(self, log: _Log, count: int) -> None:
        """Drop the oldest ``count`` messages."""
        if count:
            log.lose(log.messages[count - 1].mid)
            self._release(log, log.messages[:count])
            del log.messages[:count]

    def _release(self, log: _Log, messages: Iterable[Message]) -> None:
        """A channel keeps these no more."""
        for message in messages:
            mid, own = message.mid, _own_size(message)
            size = self._sizes[mid]
            log.size -= size + own
            self._bytes -= own
            others = self._holders.pop(mid, 1) - 1
            if others > 1:
                self._holders[mid] = others
            if not others:
                del self._sizes[mid]
                self._bytes -= size

    def _size(self, message: Message) -> int:
        """Bytes, as if no other channel had the event, too."""
        return self._sizes[message.mid] + _own_size(message)


def _own_size(message: Message) -> int:
    """Bytes of the message alone; additions are JSON in ASCII."""
    return _PER_MESSAGE + len(message.user_params or "")


def _has_expired(message: Message, now: tuple[int, int]) -> bool:
    """Whether it was kept for all its seconds; ``now`` in seconds and nanoseconds."""
    end = message.created + message.expiry
    return end < now[0] or (end == now[0] and _nanosecond(message) <= now[1])


def _nanosecond(message: Message) -> int:
    """In which of its second it was made, to the millisecond: mids of one moment count on from there."""
    if seconds_of(message.mid) != message.created:
        return NS_PER_S  # the clock went backwards, and mids did not
    return counter_of(message.mid) // _NS_PER_MS * _NS_PER_MS
