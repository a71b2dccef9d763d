"""Message history in memory, bounded per channel."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from bxpull_server.clock import NS_PER_S, Clock
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.protocol.mids import MidSource, split_mid
from bxpull_server.store.base import NO_ADDITIONS, History

# How long an empty channel remembers what it lost. Who comes from before that is told of a gap in any case.
_REMEMBERED_S = 86_400
_by_mid = attrgetter("mid")


@dataclass(slots=True)
class _Log:
    """One channel: its messages in mid order, and the newest mid that is lost to it."""

    messages: list[Message] = field(default_factory=list)
    through: str = ""

    def lose(self, mid: str) -> None:
        self.through = max(self.through, mid)


class MemoryStore:
    """Keeps each channel's messages until they expire, at most ``limit`` of them.

    What came before it was made is lost to all channels. What is published not to be kept (expiry 0) is only
    for those who are there, and never counts as lost.

    Args:
        clock: Says when a message was made and when it has expired.
        limit: Messages kept a channel; the oldest go first and resuming from before them is told as a gap.
    """

    def __init__(self, clock: Clock, limit: int = 20_000) -> None:
        self._clock = clock
        self._limit = limit
        self._slack = max(1, limit // 8)
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
        messages = tuple(
            Message(mid, channel, body, created, expiry, sender, dictionary, user_params.get(channel))
            for channel in channels
        )
        if expiry > 0:
            for message in messages:
                self._keep(message)
        return messages

    async def position(self) -> str:
        """A mid that everything stored from now on is newer than."""
        return self._mids.next(self._clock.time_ns())

    async def since(self, channels: Sequence[str], mid: str) -> History:
        """Everything newer than ``mid``; an event on several of the channels comes once, with additions."""
        now = self._clock.time_ns() // NS_PER_S
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
        now = self._clock.time_ns() // NS_PER_S
        for channel, log in list(self._logs.items()):
            expired = [message.mid for message in log.messages if _has_expired(message, now)]
            if expired:
                log.lose(expired[-1])
                log.messages = [message for message in log.messages if not _has_expired(message, now)]
            if not log.messages and split_mid(log.through).seconds + _REMEMBERED_S <= now:
                self._through = max(self._through, log.through)
                del self._logs[channel]

    def _keep(self, message: Message) -> None:
        log = self._logs.setdefault(message.channel, _Log())
        log.messages.append(message)
        if len(log.messages) > self._limit + self._slack:
            # A block at a time, so that a full channel does not move its list for every message.
            self._drop(log, len(log.messages) - self._limit)

    @staticmethod
    def _drop(log: _Log, count: int) -> None:
        """Drop the oldest ``count`` messages."""
        if count:
            log.lose(log.messages[count - 1].mid)
            del log.messages[:count]


def _has_expired(message: Message, now: int) -> bool:
    return message.created + message.expiry <= now
