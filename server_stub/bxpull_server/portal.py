"""The portal half, in place of PHP: users, guests, their channels and configs, ways to send them events."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from bxpull_server.channel_book import SHARED, ChannelBook, Holder, IssuedChannel
from bxpull_server.clock import Clock, unix_time
from bxpull_server.errors import ChannelError, EventError, StaleChannelError
from bxpull_server.hub import Hub, Published
from bxpull_server.options import ServerOptions
from bxpull_server.profiles import Profile, Profiles
from bxpull_server.protocol.channels import ChannelRef, Signer, parse_channel_list
from bxpull_server.protocol.dates import iso8601
from bxpull_server.protocol.events import Params, check_expiry, make_event
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.pull_config import REVISION_MOBILE, REVISION_WEB, channel_entry, make_config
from bxpull_server.watches import Watches


class EventFields(TypedDict):
    """An event to publish.

    Attributes:
        module_id: Module name, any case; published in lower case.
        command: Letters, digits and ``_ : | . -``.
        params: A mapping; or an empty list, which stays ``[]`` as PHP sends an empty array. None: ``[]``.
        extra: Added to (and replacing) what the portal puts there; a value of None takes a key out.
        expiry: Seconds the event is kept for those who connect later (86,400 by default).
    """

    module_id: str
    command: str
    params: NotRequired[Params | None]
    extra: NotRequired[Mapping[str, Any] | None]
    expiry: NotRequired[int]


class Portal:
    """Knows whose channel is whose, and publishes as the portal does.

    Args:
        options: Version, key, lifetimes.
        hub: Takes the published events.
        clock: Time for channels, watches and ``extra``.
        key: The signature key, once chosen; empty: nothing is signed.
    """

    def __init__(self, options: ServerOptions, hub: Hub, clock: Clock, key: str) -> None:
        self.profiles = Profiles(Profile(options.server_version, options.mode))
        self.server_name = options.server_name
        self.signer = Signer(key, options.signature_algorithm)
        self.watches = Watches(clock)
        self.sessid = secrets.token_hex(16)
        # Without a key, too, a restarted process must know its channels again.
        secret = hashlib.sha256(key.encode()).digest()
        self.client_id = options.client_id or _derived(secret, "client id")
        self.host_id = options.host_id or _derived(secret, "host id")
        self._channels = ChannelBook(secret, clock, options.channel_lifetime_s)
        self._default_user = options.user
        self._event_limit = options.body_limit
        self._hub = hub
        self._clock = clock

    @property
    def version(self) -> int:
        """The server version of whoever has no profile of their own."""
        return self.profiles.default.version

    @property
    def users(self) -> tuple[int, ...]:
        """Users and guests that have a private channel."""
        return tuple(
            sorted({channel.holder.user for channel in self._channels.channels if channel.holder.user})
        )

    def profile(self, user: int) -> Profile:
        """What the server is to a user or guest; 0: to everybody who has no profile of their own."""
        return self.profiles.of(user)

    def channel_ids(self, user: int) -> tuple[str, str]:
        """The private and the public id a user or guest has now."""
        channel = self._channels.current(Holder(user))
        return channel.id, channel.public_id

    def user_of(self, refs: Iterable[ChannelRef]) -> int:
        """Whose private channel is among these; 0: nobody's that this portal knows."""
        for ref in refs:
            channel = self._channels.find(ref.id)
            if channel is not None and channel.holder.user:
                return channel.holder.user
        return 0

    def check_current(self, refs: Iterable[ChannelRef]) -> None:
        """Refuse channels of this portal that nothing is sent to any more, and public ids.

        Whoever names this portal's shared channel got its config here: its other channels must be ones this
        portal gave out. A subscription without it may be a real back end's and is taken as it is.

        Raises:
            StaleChannelError: A channel was replaced, or belongs to an earlier run of this server.
            ChannelError: A public id: others publish to it, its owner listens to the private one.
        """
        ids = [ref.id for ref in refs]
        book = self._channels
        ours = book.current(SHARED).id in ids
        if ours and self._default_user and any(book.find(channel) is None for channel in ids):
            book.current(Holder(self._default_user))  # a config embedded in a page outlives the process
        for channel in ids:
            if book.is_public(channel):
                raise ChannelError(
                    f"{fingerprint(channel)} is a public id: it is for publishing, listen to the private one"
                )
            owned = book.find(channel) is not None
            if (owned or ours) and not book.is_current(channel):
                raise StaleChannelError(
                    f"this channel was replaced: load the configuration again ({fingerprint(channel)})"
                )

    def earlier_channels(self, refs: Iterable[ChannelRef]) -> list[str]:
        """The former channels of those whose current ones these are: they may hold unread events."""
        known = [channel for ref in refs if (channel := self._channels.find(ref.id)) is not None]
        former = [past for channel in known for past in self._channels.former(channel.holder)]
        return [id_ for past in former for id_ in (past.id, past.public_id)]

    async def config(self, user: int, authority: str) -> dict[str, Any]:
        """The pull config of ``user``, with URLs under ``authority`` (host and port)."""
        return make_config(
            authority=authority,
            version=self.version,
            signer=self.signer,
            private=await self._live(Holder(user)),
            shared=await self._live(SHARED),
            now=unix_time(self._clock),
        )

    async def send(self, users: Iterable[int], **event: Unpack[EventFields]) -> Published:
        """Publish an event to the private channels of ``users``, as ``CPullStack::AddByUsers`` does.

        Raises:
            EventError: Names the part that is wrong.
        """
        owners = list(users)
        if not owners:
            raise EventError("users", "must name at least one user")
        return await self._send([Holder(owner) for owner in owners], event)

    async def send_shared(self, **event: Unpack[EventFields]) -> Published:
        """Publish an event to everybody, as ``CPullStack::AddShared`` does.

        Raises:
            EventError: Names the part that is wrong.
        """
        return await self._send([SHARED], event)

    async def send_to_tag(self, tag: str, **event: Unpack[EventFields]) -> Published:
        """Publish an event to all who watch ``tag``, as ``CPullWatch::AddToStack`` does.

        Raises:
            EventError: Names the part that is wrong.
        """
        return await self._send([Holder(user) for user in self.watches.users(tag)], event)

    async def send_to_channel(self, channel: str, **event: Unpack[EventFields]) -> Published:
        """Publish an event to one channel given by its id, signed or not.

        Raises:
            EventError: Names the part that is wrong.
            ChannelError: The id is malformed.
            SignatureError: It is signed wrongly.
        """
        ref = parse_channel_list(channel, limit=1)[0]
        self.signer.check(ref, required=False)
        return await self._publish([ref.id], event)

    async def expire_channel(self, user: int, *, new_channel: bool) -> Published:
        """Replace a channel (0: the shared one) and tell those who listen to it.

        Args:
            user: Whose channel.
            new_channel: Tell them the new one to reconnect to; otherwise to reload the config.
        """
        return await self._replace(Holder(user), new_channel=new_channel)

    async def _replace(self, holder: Holder, *, new_channel: bool) -> Published:
        old = self._channels.current(holder)
        new = self._channels.replace(holder)
        params: dict[str, Any] = {
            "action": "reconnect" if new_channel else "get_config",
            "channel": {"id": channel_entry(old, self.signer, self.version)["id"], "type": holder.kind},
        }
        if new_channel:
            params["new_channel"] = channel_entry(new, self.signer, self.version)
        # For those connected now. Others are refused the old channel, and must not read this on the new one.
        return await self._system(old, "channel_expire", params, expiry=0)

    async def expire_config(self, user: int) -> Published:
        """Tell a user (0: everybody) to reload the config."""
        return await self._system(await self._live(Holder(user)), "config_expire", [])

    async def _send(self, holders: Iterable[Holder], event: EventFields) -> Published:
        channels = [(await self._live(holder)).id for holder in dict.fromkeys(holders)]
        return await self._publish(channels, event)

    async def _publish(self, channels: list[str], event: EventFields) -> Published:
        extra = self._extra(event.get("extra"))
        body = make_event(event["module_id"], event["command"], event.get("params"), extra)
        expiry = check_expiry(event.get("expiry", DEFAULT_EXPIRY_S))
        size = len(body.encode())
        if size > self._event_limit:
            raise EventError("event", f"it has {size} bytes: at most {self._event_limit} can be published")
        return await self._hub.publish(channels, body, expiry=expiry)

    async def _system(
        self, channel: IssuedChannel, command: str, params: Params, expiry: int = DEFAULT_EXPIRY_S
    ) -> Published:
        body = make_event("pull", command, params, self._extra(None))
        return await self._hub.publish([channel.id], body, expiry=expiry)

    async def _live(self, holder: Holder) -> IssuedChannel:
        """The holder's channel; one whose life is over is replaced first, and its listeners are told."""
        channel = self._channels.current(holder)
        if self._channels.ended(channel):
            await self._replace(holder, new_channel=True)
            channel = self._channels.current(holder)
        return channel

    def _extra(self, extra: Mapping[str, Any] | None) -> dict[str, Any]:
        if extra is not None and not isinstance(extra, Mapping):
            raise EventError("extra", "must be a mapping")
        now = unix_time(self._clock)
        merged: dict[str, Any] = {
            "server_time": iso8601(now),
            "server_time_unix": now,
            "server_name": self.server_name,
            "revision_web": REVISION_WEB,
            "revision_mobile": REVISION_MOBILE,
            **(extra or {}),
        }
        return {key: value for key, value in merged.items() if value is not None}


def _derived(secret: bytes, purpose: str) -> str:
    """A name that stays the same as long as the key does."""
    return hmac.new(secret, f"bxpull {purpose}".encode(), hashlib.sha256).hexdigest()[:32]


def check_user(user: object, field: str = "user") -> int:
    """``user`` if it is a user id (or, negative, a guest's).

    Raises:
        EventError: It is not a whole number, or 0.
    """
    if isinstance(user, bool) or not isinstance(user, int) or user == 0:
        raise EventError(field, f"must be a user id, or a negative guest id, not {user!r}")
    return user
