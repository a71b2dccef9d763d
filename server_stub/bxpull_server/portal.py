"""The portal half, in place of PHP: users, guests, applications, their channels and configs, their events."""

import hashlib
import hmac
import secrets
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Unpack

from bxpull_server.admission import Admission
from bxpull_server.applications import Application, Applications
from bxpull_server.channel_book import SHARED, ChannelBook, Holder
from bxpull_server.channel_entries import public_entry
from bxpull_server.channel_keeper import ChannelKeeper
from bxpull_server.clock import Clock, unix_time
from bxpull_server.errors import EventError
from bxpull_server.event_writer import EventFields, EventWriter
from bxpull_server.handed_out import hand_out
from bxpull_server.hub import Hub, Published
from bxpull_server.options import ServerOptions
from bxpull_server.profiles import Profile, Profiles
from bxpull_server.protocol.channels import ChannelRef, Signer, parse_channel_list
from bxpull_server.protocol.events import check_expiry
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S
from bxpull_server.pull_config import ConfigMaker
from bxpull_server.revisions import Revisions
from bxpull_server.watches import Watches


class Portal:
    """Knows whose channel is whose, and publishes as the portal does.

    Attributes:
        profiles: What the server pretends to be to whom.
        applications: Who may call REST methods of applications.
        watches: Who watches which tag.
        signer: Signs and verifies ids.
        channels: Ends channels and configs.
        writer: Writes the events.
        revisions: What configs and events announce.
        client_id: ``clientId`` of configs in mode ``shared``, which their subscribers send.
        host_id: Names this portal in tokens and in requests of its back end.
        sessid: What a session of a page is recognised by.

    Args:
        options: Version, key, lifetimes.
        hub: Takes the published events.
        clock: Time for channels, tokens, watches and ``extra``.
        key: The signature key, once chosen; empty: nothing is signed.
    """

    def __init__(self, options: ServerOptions, hub: Hub, clock: Clock, key: str) -> None:
        # Without a key, too, a restarted process must know its channels again.
        secret = hashlib.sha256(key.encode()).digest()
        self.client_id = hand_out("client id", options.client_id or _derived(secret, "client id"))
        self.host_id = options.host_id or _derived(secret, "host id")
        self.sessid = hand_out("session id", secrets.token_hex(16))
        self.profiles = Profiles(Profile(options.server_version, options.mode))
        self.applications = Applications()
        self.watches = Watches(clock)
        self.signer = Signer(key, options.signature_algorithm)
        self.revisions = Revisions()
        self.writer = EventWriter(clock, options.server_name, options.event_limit, self.revisions)
        self._book = ChannelBook(secret, clock, options.channel_lifetime_s)
        self.channels = ChannelKeeper(self._book, hub, self.writer, self.signer, self.profiles)
        self._admission = Admission(
            self._book,
            clock,
            key=key,
            host_id=self.host_id,
            default_user=options.user,
            max_channels=options.channels_per_request,
        )
        self._configs = ConfigMaker(options, self.signer, key, self.client_id, self.host_id, self.revisions)
        self._hub = hub
        self._clock = clock

    def channels_of(self, user: int, *, applications: bool = True) -> list[str]:
        """Every id under which something is stored for a user or guest alone, now or earlier.

        Args:
            user: User id; negative for a guest.
            applications: Those of pages of applications, too; False: of the portal's own alone.
        """
        return [
            channel_id
            for holder in (self._book.holders_of(user) if applications else [Holder(user)])
            for channel in (self._book.current(holder), *self._book.former(holder))
            for channel_id in (channel.id, channel.public_id)
        ]

    @property
    def users(self) -> tuple[int, ...]:
        """Users and guests that have a channel of their own."""
        users = {channel.holder.user for channel in self._book.channels}
        return tuple(sorted(users - {SHARED.user}))

    def profile(self, user: int) -> Profile:
        """What the server is to a user or guest; 0: to everybody who has no profile of their own."""
        return self.profiles.of(user)

    def channel_ids(self, user: int) -> tuple[str, str]:
        """The private and the public id a user or guest has now."""
        channel = self._book.current(Holder(user))
        return channel.id, channel.public_id

    def successor(self, public_id: str) -> str | None:
        """See :meth:`ChannelBook.successor`."""
        return self._book.successor(public_id)

    def owner_of(self, channel_id: str) -> tuple[Holder, bool] | None:
        """See :meth:`ChannelBook.owner`."""
        return self._book.owner(channel_id)

    def user_of(self, refs: Iterable[ChannelRef]) -> int:
        """See :meth:`Admission.user_of`."""
        return self._admission.user_of(refs)

    def channel_kind(self, channel_id: str) -> str | None:
        """See :meth:`Admission.kind_of`."""
        return self._admission.kind_of(channel_id)

    def earlier_channels(self, refs: Iterable[ChannelRef]) -> list[str]:
        """See :meth:`Admission.earlier_channels`."""
        return self._admission.earlier_channels(refs)

    def earlier_refs(self, refs: tuple[ChannelRef, ...]) -> Iterator[tuple[ChannelRef, ...]]:
        """See :meth:`Admission.earlier_refs`."""
        return self._admission.earlier_refs(refs)

    def check_current(self, refs: Iterable[ChannelRef]) -> None:
        """See :meth:`Admission.check_current`."""
        self._admission.check_current(refs)

    def refs_of_token(self, token: str) -> tuple[ChannelRef, ...]:
        """See :meth:`Admission.refs_of_token`."""
        return self._admission.refs_of_token(token)

    def add_application(self, client_id: str, token: str, *, user: int, admin: bool = False) -> Application:
        """Register an application for a user.

        Raises:
            EventError: Names the part that is wrong.
        """
        application = self.applications.add(client_id, token, user=user, admin=admin)
        # Known from now on, so that pages from before a restart are recognised and load their config again.
        self._book.current(Holder(SHARED.user, client_id))
        return application

    def holder(self, user: int, application: str = "") -> Holder:
        """Whose channel is meant.

        Args:
            user: User id; negative for a guest; 0: everybody.
            application: Client id of an application; "": the portal's own pages.

        Raises:
            EventError: There is no such application.
        """
        if application:
            self.applications.check_known(application)
        return Holder(user, application)

    async def config(self, user: int, authority: str, application: str = "") -> dict[str, Any]:
        """The pull config of a user.

        Args:
            user: User id; negative for a guest.
            authority: Host and port the URLs begin with.
            application: Client id of the application whose page it is for; "": the portal's own.

        Raises:
            EventError: There is no such application.
        """
        return self._configs.make(
            self.profile(user),
            private=await self.channels.live(self.holder(user, application)),
            shared=await self.channels.live(self.holder(SHARED.user, application)),
            authority=authority,
            now=unix_time(self._clock),
        )

    async def public_channels(self, users: Iterable[int]) -> dict[int, dict[str, Any]]:
        """What others need to publish to these users."""
        return {
            user: public_entry(await self.channels.live(Holder(user)), self.signer)
            for user in dict.fromkeys(users)
        }

    async def send(
        self,
        users: Iterable[int],
        *,
        user_params: Mapping[int, Mapping[str, Any]] | None = None,
        dictionary: Mapping[str, Any] | None = None,
        **event: Unpack[EventFields],
    ) -> Published:
        """Publish an event to the private channels of ``users``, as ``CPullStack::AddByUsers`` does.

        Args:
            users: User ids; negative ones are guests'.
            user_params: Further params for single users.
            dictionary: Further params for all of them.
            event: The event.

        Raises:
            EventError: Names the part that is wrong.
        """
        owners = list(users)
        if not owners:
            raise EventError("users", "must name at least one user")
        channels = {owner: (await self.channels.live(Holder(owner))).id for owner in owners}
        additions = {channels[user]: own for user, own in _by_user(user_params, channels).items()}
        return await self._publish(
            list(channels.values()), event, dictionary=dictionary, user_params=additions
        )

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

    async def send_to_application(
        self, client_id: str, users: Iterable[int], **event: Unpack[EventFields]
    ) -> Published:
        """Publish an event to the pages of an application that these users (none: anybody) have open.

        Raises:
            EventError: Names the part that is wrong.
        """
        owners = list(dict.fromkeys(users)) or [SHARED.user]
        return await self._send([Holder(owner, client_id) for owner in owners], event)

    async def send_to_channel(self, channel: str, **event: Unpack[EventFields]) -> Published:
        """Publish an event to one channel given by its id, signed or not.

        Raises:
            EventError: Names the part that is wrong.
            ChannelError: The id is malformed.
            SignatureError: It is signed wrongly.
        """
        ref = parse_channel_list(channel, limit=1)[0]
        self.signer.check(ref, listening=False)
        return await self._publish([ref.id], event)

    async def _send(self, holders: Iterable[Holder], event: EventFields) -> Published:
        return await self._publish([(await self.channels.live(holder)).id for holder in holders], event)

    async def _publish(
        self,
        channels: list[str],
        event: EventFields,
        *,
        dictionary: Mapping[str, Any] | None = None,
        user_params: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Published:
        self._hub.check_open()
        expiry = check_expiry(event.get("expiry", DEFAULT_EXPIRY_S))
        body = self.writer.write(event)
        return await self._hub.publish(
            channels, body, expiry=expiry, dictionary=dictionary, user_params=user_params
        )


def _by_user(user_params: object, users: Container[int]) -> Mapping[int, Any]:
    if user_params is None:
        return {}
    if not isinstance(user_params, Mapping):
        raise EventError("user_params", "must map a user id to further params")
    for user in user_params:
        if user not in users:
            raise EventError("user_params", f"{user!r} is none of the users the event is for")
    return user_params


def _derived(secret: bytes, purpose: str) -> str:
    """A name that stays the same as long as the key does."""
    return hmac.new(secret, f"bxpull {purpose}".encode(), hashlib.sha256).hexdigest()[:32]
