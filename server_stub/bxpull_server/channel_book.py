"""The channels a portal has given out: one private channel a user, one shared by everybody."""

import hashlib
import hmac
from dataclasses import dataclass

from bxpull_server.clock import NS_PER_S, Clock

SHARED = 0


@dataclass(frozen=True, slots=True)
class IssuedChannel:
    """A channel id with its life.

    Attributes:
        id: 32 hex digits.
        public_id: 32 hex digits others may publish to.
        owner: User id, negative for guests, 0 for the shared channel.
        generation: How many ids this owner had before.
        start: Unix time in seconds.
        end: Unix time in seconds; then the portal makes a new id.
    """

    id: str
    public_id: str
    owner: int
    generation: int
    start: int
    end: int

    @property
    def kind(self) -> str:
        """``private`` or ``shared``."""
        return "shared" if self.owner == SHARED else "private"


class ChannelBook:
    """Derives channel ids from a secret, so that a restarted server gives out the same ones again.

    Args:
        secret: Key of the derivation.
        clock: Says when a channel begins and has ended.
        lifetime_s: Seconds a channel lives.
    """

    def __init__(self, secret: bytes, clock: Clock, lifetime_s: int) -> None:
        self._secret = secret
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._current: dict[int, IssuedChannel] = {}
        self._former: dict[int, list[str]] = {}
        self._owners: dict[str, int] = {}

    @property
    def owners(self) -> tuple[int, ...]:
        """Everybody who has a channel, without the shared one."""
        return tuple(sorted(owner for owner in self._current if owner != SHARED))

    def current(self, owner: int) -> IssuedChannel:
        """The owner's channel, made if there is none yet; it may have ended (see :meth:`ended`)."""
        channel = self._current.get(owner)
        return channel if channel is not None else self._issue(owner, 0)

    def ended(self, channel: IssuedChannel) -> bool:
        """Whether its life is over."""
        return self._now() >= channel.end

    def replace(self, owner: int) -> IssuedChannel:
        """Give the owner a new channel."""
        return self._issue(owner, self.current(owner).generation + 1)

    def owner_of(self, channel_id: str) -> int | None:
        """Whom a channel id, current or replaced, was given to."""
        return self._owners.get(channel_id)

    def is_current(self, channel_id: str) -> bool:
        """Whether a channel id was given out and has not been replaced."""
        owner = self._owners.get(channel_id)
        return owner is not None and self._current[owner].id == channel_id

    def former(self, owner: int) -> tuple[str, ...]:
        """The ids an owner had before the current one, oldest first."""
        return tuple(self._former.get(owner, ()))

    def _issue(self, owner: int, generation: int) -> IssuedChannel:
        start = self._now()
        channel = IssuedChannel(
            id=self._derive("channel", owner, generation),
            public_id=self._derive("public", owner, generation),
            owner=owner,
            generation=generation,
            start=start,
            end=start + self._lifetime_s,
        )
        if owner in self._current:
            self._former.setdefault(owner, []).append(self._current[owner].id)
        self._current[owner] = channel
        self._owners[channel.id] = owner
        return channel

    def _derive(self, purpose: str, owner: int, generation: int) -> str:
        name = f"bxpull {purpose} {owner} {generation}".encode()
        return hmac.new(self._secret, name, hashlib.sha256).hexdigest()[:32]

    def _now(self) -> int:
        return self._clock.time_ns() // NS_PER_S
