"""Who may listen to what: subscriptions by channel ids and by token, and whose they are."""

from collections.abc import Iterable, Iterator

from bxpull_server.channel_book import SHARED, ChannelBook, Holder, IssuedChannel
from bxpull_server.clock import Clock, unix_time
from bxpull_server.errors import ChannelError, StaleChannelError, TokenError
from bxpull_server.protocol.channels import MAX_CHANNELS, ChannelRef
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.tokens import read_token


class Admission:
    """Compares what a subscriber asks for with the channels that were given out.

    Args:
        book: The channels.
        clock: Says when a token has expired.
        key: Key of tokens; empty: none is taken.
        host_id: Issuer of this portal's tokens.
        default_user: The page's user when the page does not say; 0: nobody.
        max_channels: How many a token may name.
    """

    def __init__(
        self,
        book: ChannelBook,
        clock: Clock,
        *,
        key: str,
        host_id: str,
        default_user: int,
        max_channels: int = MAX_CHANNELS,
    ) -> None:
        self._book = book
        self._clock = clock
        self._key = key
        self._host_id = host_id
        self._default_user = default_user
        self._max_channels = max_channels

    def user_of(self, refs: Iterable[ChannelRef]) -> int:
        """Whose private channel is among these; 0: nobody's that this portal knows."""
        known = self._known(ref.id for ref in refs)
        return next((channel.holder.user for channel in known if channel.holder.user), 0)

    def kind_of(self, channel_id: str) -> str | None:
        """``private``, ``shared``, ``public`` or an application's client id; None: not given out here."""
        if self._book.is_public(channel_id):
            return "public"
        channel = self._book.find(channel_id)
        return None if channel is None else channel.holder.kind

    def earlier_channels(self, refs: Iterable[ChannelRef]) -> list[str]:
        """The former ids, public ones too, of those whose channels these are: they may hold unread events."""
        known = self._known(ref.id for ref in refs)
        former = [past for channel in known for past in self._book.former(channel.holder)]
        return [channel_id for past in former for channel_id in (past.id, past.public_id)]

    def earlier_refs(self, refs: tuple[ChannelRef, ...]) -> Iterator[tuple[ChannelRef, ...]]:
        """The same as before the first channel, which is a user's own, was replaced; newest first."""
        for channel in self._known(ref.id for ref in refs[:1]):
            for past in reversed(self._book.former(channel.holder)):
                yield (ChannelRef(past.id, past.public_id), *refs[1:])

    def check_current(self, refs: Iterable[ChannelRef]) -> None:
        """Refuse channels of this portal that nothing is sent to any more, and public ids.

        Whoever names a shared channel of this portal got its config here: its other channels must be ones
        this portal gave out. A subscription without it may be a real back end's and is taken as it is.

        Raises:
            StaleChannelError: A channel was replaced, or belongs to an earlier run of this server.
            ChannelError: A public id: others publish to it, its owner listens to the private one.
        """
        ids = [ref.id for ref in refs]
        ours = self._names_a_shared_one(ids)
        if ours and self._default_user and any(self._book.find(channel_id) is None for channel_id in ids):
            self._book.current(Holder(self._default_user))  # a config embedded in a page outlives the process
        self._check(ids, ours=ours)

    def refs_of_token(self, token: str) -> tuple[ChannelRef, ...]:
        """What the holder of a token listens to: the user's own channel, and those the token names.

        Raises:
            TokenError: Malformed, forged or expired; or this server has no key to verify it with.
            StaleChannelError: It names a channel that nothing is sent to any more.
        """
        if not self._key:
            raise TokenError("this server signs nothing, so it takes no token: send CHANNEL_ID")
        now = unix_time(self._clock)
        claims = read_token(token, self._key, issuer=None, now=now, max_channels=self._max_channels)
        # A guest's token names the public id beside the private one; here the two are one reference.
        ids = [channel_id for channel_id in claims.channels if not self._book.is_public(channel_id)]
        ours = self._names_a_shared_one(ids) or claims.issuer == self._host_id
        self._check(ids, ours=ours)
        if claims.user:
            ids.insert(0, self._book.current(Holder(claims.user)).id)
        return tuple(self._ref(channel_id) for channel_id in dict.fromkeys(ids))

    def _check(self, ids: list[str], *, ours: bool) -> None:
        for channel_id in ids:
            if self._book.is_public(channel_id):
                raise ChannelError(
                    f"{fingerprint(channel_id)} is a public id, for publishing: listen to the private one"
                )
            owned = self._book.find(channel_id) is not None
            if (owned or ours) and not self._book.is_current(channel_id):
                raise StaleChannelError(
                    f"this channel was replaced: load the configuration again ({fingerprint(channel_id)})"
                )

    def _ref(self, channel_id: str) -> ChannelRef:
        channel = self._book.find(channel_id)
        if channel is None or channel.holder.user == SHARED.user:
            return ChannelRef(channel_id)
        return ChannelRef(channel_id, channel.public_id)

    def _names_a_shared_one(self, ids: Iterable[str]) -> bool:
        self._book.current(SHARED)  # a new process has to know it before anybody asks for a config
        return any(channel.holder.user == SHARED.user for channel in self._known(ids))

    def _known(self, ids: Iterable[str]) -> list[IssuedChannel]:
        found = (self._book.find(channel_id) for channel_id in ids)
        return [channel for channel in found if channel is not None]
