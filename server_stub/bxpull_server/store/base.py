"""What the hub asks of a message store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from bxpull_server.protocol.messages import Message, Sender

NO_ADDITIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class History:
    """Stored messages after some mid.

    Attributes:
        messages: Ordered by mid, each mid once.
        through: The newest mid under which something that was to be kept is lost to these channels: it had
            expired, was dropped to make room, or went with an earlier store; "": nothing. Newer than the mid
            that was asked for: there is a gap, which ends there.
    """

    messages: tuple[Message, ...]
    through: str = ""


class Store(Protocol):
    """Keeps messages; assigns their mids, strictly growing."""

    @property
    def beginning(self) -> str:
        """A mid that everything in it, ever, is newer than; tells it from other stores."""

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
        """Store one event on each of ``channels`` under one new mid; one message a channel, in that order.

        Args:
            channels: Channel ids.
            body: The event as JSON text.
            expiry: Seconds it is kept.
            sender: Who published it.
            dictionary: See :class:`Message`.
            user_params: By channel, see :class:`Message`.
        """

    async def position(self) -> str:
        """A mid that everything stored from now on is newer than."""

    async def since(self, channels: Sequence[str], mid: str) -> History:
        """Everything newer than ``mid`` on ``channels`` that has not expired."""

    async def count(self, channel: str) -> int:
        """How many messages of ``channel`` are kept."""

    async def clear(self) -> int:
        """Forget all messages, which makes a gap for whoever lacks one of them; mids go on growing.

        Returns how many there were.
        """

    async def evict(self, channels: Sequence[str]) -> int:
        """Forget the messages of these channels only, which makes a gap in the same way.

        Returns how many there were.
        """

    def sweep(self) -> None:
        """Drop what has expired; called now and then."""
