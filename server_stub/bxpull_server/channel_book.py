"""The channels a portal has given out: one a user and one for all; the same again for each application."""

import hashlib
import hmac
from dataclasses import dataclass, field

from bxpull_server.clock import NS_PER_S, Clock
from bxpull_server.handed_out import hand_out


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a channel is.

    Attributes:
        user: User id, negative for guests; 0: everybody's, the shared channel.
        application: Client id of the application the channel is for; "": the portal's own pages.
    """

    user: int
    application: str = ""

    @property
    def kind(self) -> str:
        """The channel's type: ``private``, ``shared``, or an application's client id."""
        return self.application or ("private" if self.user else "shared")


SHARED = Holder(0)


@dataclass(frozen=True, slots=True)
class IssuedChannel:
    """A channel id with its life.

    Attributes:
        id: 32 hex digits.
        public_id: 32 hex digits others may publish to.
        holder: Whose it is.
        generation: How many ids this holder had before.
        start: Unix time in seconds.
        end: Unix time in seconds; then the portal makes a new id.
    """

    id: str = field(repr=False)
    public_id: str = field(repr=False)
    holder: Holder
    generation: int
    start: int
    end: int


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
        self._current: dict[Holder, IssuedChannel] = {}
        self._former: dict[Holder, list[IssuedChannel]] = {}
        self._by_id: dict[str, IssuedChannel] = {}
        self._by_public_id: dict[str, IssuedChannel] = {}

    @property
    def channels(self) -> tuple[IssuedChannel, ...]:
        """The channel everybody has now, the first given out first."""
        return tuple(self._current.values())

    def current(self, holder: Holder) -> IssuedChannel:
        """The holder's channel, made if there is none yet; it may have ended (see :meth:`ended`)."""
        channel = self._current.get(holder)
        return channel if channel is not None else self._issue(holder, 0)

    def ended(self, channel: IssuedChannel) -> bool:
        """Whether its life is over."""
        return self._now() >= channel.end

    def replace(self, holder: Holder) -> IssuedChannel:
        """Give the holder a new channel."""
        return self._issue(holder, self.current(holder).generation + 1)

    def find(self, channel_id: str) -> IssuedChannel | None:
        """The channel with this id, current or replaced, if it was given out here."""
        return self._by_id.get(channel_id)

    def owner(self, channel_id: str) -> tuple[Holder, bool] | None:
        """Whose id this is or was, and whether it is a public one; None: it was not given out here."""
        channel = self._by_id.get(channel_id)
        if channel is not None:
            return channel.holder, False
        channel = self._by_public_id.get(channel_id)
        return None if channel is None else (channel.holder, True)

    def is_current(self, channel_id: str) -> bool:
        """Whether a channel id was given out and has not been replaced."""
        channel = self._by_id.get(channel_id)
        return channel is not None and self._current[channel.holder] is channel

    def is_public(self, channel_id: str) -> bool:
        """Whether this is the public id of a channel that was given out here."""
        return channel_id in self._by_public_id

    def successor(self, public_id: str) -> str | None:
        """The public id its owner has now, if this one was given out here and the channel replaced."""
        channel = self._by_public_id.get(public_id)
        if channel is None:
            return None
        current = self._current[channel.holder]
        return current.public_id if current is not channel else None

    def holders_of(self, user: int) -> list[Holder]:
        """Where a user (0: everybody) is reached: the portal's own pages, and those of applications."""
        given_out = [channel.holder for channel in self.channels if channel.holder.user == user]
        return list(dict.fromkeys([Holder(user), *given_out]))

    def former(self, holder: Holder) -> tuple[IssuedChannel, ...]:
        """The channels a holder had before the current one, oldest first."""
        return tuple(self._former.get(holder, ()))

    def _issue(self, holder: Holder, generation: int) -> IssuedChannel:
        start = self._now()
        channel = IssuedChannel(
            id=hand_out("channel id", self._derive("channel", holder, generation)),
            public_id=hand_out("public id", self._derive("public", holder, generation)),
            holder=holder,
            generation=generation,
            start=start,
            end=start + self._lifetime_s,
        )
        if holder in self._current:
            self._former.setdefault(holder, []).append(self._current[holder])
        self._current[holder] = channel
        self._by_id[channel.id] = channel
        self._by_public_id[channel.public_id] = channel
        return channel

    def _derive(self, purpose: str, holder: Holder, generation: int) -> str:
        name = f"bxpull {purpose} {holder.application} {holder.user} {generation}".encode()
        return hmac.new(self._secret, name, hashlib.sha256).hexdigest()[:32]

    def _now(self) -> int:
        return self._clock.time_ns() // NS_PER_S
