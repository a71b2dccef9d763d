"""Message history in memory, bounded per channel."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from bxpull_server.clock import NS_PER_S, Clock
from bxpull_server.protocol.messages import Message, Sender
from bxpull_server.protocol.mids import MidSource
from bxpull_server.store.base import NO_ADDITIONS, History

_by_mid = attrgetter("mid")


@dataclass(slots=True)
class _Log:
    """One channel: its messages in mid order, and the newest mid that was dropped to make room."""

    messages: list[Message] = field(default_factory=list)
    evicted: str = ""


class MemoryStore:
    """Keeps each channel's messages until they expire, at most ``limit`` of them.

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
        complete = True
        for channel in channels:
            log = self._logs.get(channel)
            if log is None:
                continue
            complete = complete and log.evicted <= mid
            start = bisect_right(log.messages, mid, key=_by_mid)
            for message in log.messages[start:]:
                if message.created + message.expiry <= now:
                    continue
                kept = found.get(message.mid)
                if kept is None or (kept.user_params is None and message.user_params is not None):
                    found[message.mid] = message
        return History(tuple(sorted(found.values(), key=_by_mid)), complete)

    async def count(self, channel: str) -> int:
        """How many messages of ``channel`` are kept."""
        log = self._logs.get(channel)
        return len(log.messages) if log else 0

    async def clear(self) -> None:
        """Forget all messages."""
        self._logs.clear()

    def sweep(self) -> None:
        """Drop expired messages and empty channels."""
        now = self._clock.time_ns() // NS_PER_S
        for channel, log in list(self._logs.items()):
            log.messages = [message for message in log.messages if message.created + message.expiry > now]
            if not log.messages:
                del self._logs[channel]

    def _keep(self, message: Message) -> None:
        log = self._logs.setdefault(message.channel, _Log())
        log.messages.append(message)
        if len(log.messages) > self._limit + self._slack:
            # A block at a time, so that a full channel does not move its list for every message.
            surplus = len(log.messages) - self._limit
            log.evicted = log.messages[surplus - 1].mid
            del log.messages[:surplus]
