"""The life of channels and configs: who listens to one that ends is told so, by a system command."""

from typing import Any

from bxpull_server.channel_book import SHARED, ChannelBook, Holder, IssuedChannel
from bxpull_server.channel_entries import channel_entry
from bxpull_server.event_writer import EventWriter
from bxpull_server.hub import Hub, Published
from bxpull_server.profiles import Profiles
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.events import Params
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S

# For those connected now: who comes later has what the command is about already.
_NOT_STORED = 0


class ChannelKeeper:
    """Replaces channels in time.

    Args:
        book: The channels.
        hub: Takes the commands.
        writer: Writes them.
        signer: Signs the ids in them.
        profiles: How ids look to whom.
    """

    def __init__(
        self, book: ChannelBook, hub: Hub, writer: EventWriter, signer: Signer, profiles: Profiles
    ) -> None:
        self._book = book
        self._hub = hub
        self._writer = writer
        self._signer = signer
        self._profiles = profiles

    async def live(self, holder: Holder) -> IssuedChannel:
        """The holder's channel; one whose life is over is replaced first."""
        channel = self._book.current(holder)
        if self._book.ended(channel):
            await self.replace(holder, new_channel=self._can_be_swapped(holder))
            channel = self._book.current(holder)
        return channel

    async def replace_ended(self) -> None:
        """Replace every channel whose life is over and that somebody listens to."""
        for channel in self._book.channels:
            if self._book.ended(channel) and self._hub.subscribers(channel.id):
                await self.live(channel.holder)

    async def replace(self, holder: Holder, *, new_channel: bool) -> Published:
        """Give the holder a new channel and tell those who listen to the old one.

        Args:
            holder: Whose channel.
            new_channel: Tell them the new one to reconnect to; otherwise to reload the config.
        """
        profile = self._profiles.of(holder.user)
        old = self._book.current(holder)
        new = self._book.replace(holder)
        params: dict[str, Any] = {
            "action": "reconnect" if new_channel else "get_config",
            "channel": {"id": channel_entry(old, self._signer, profile)["id"], "type": holder.kind},
        }
        if new_channel:
            params["new_channel"] = channel_entry(new, self._signer, profile)
        # Not stored, too, because others are refused the old channel, and must not read this on the new one.
        return await self._tell([old.id], "channel_expire", params, _NOT_STORED)

    async def expire_config(self, user: int) -> Published:
        """Tell a user or guest (0: everybody) to reload the config."""
        channels = [(await self.live(holder)).id for holder in self._book.holders_of(user)]
        return await self._tell(channels, "config_expire", [], DEFAULT_EXPIRY_S)

    async def server_restart(self) -> Published:
        """Tell everybody that the push server restarts: clients reconnect after 15 s or little more."""
        channels = [self._book.current(holder).id for holder in self._book.holders_of(0)]
        return await self._tell(channels, "server_restart", [], _NOT_STORED)

    def _can_be_swapped(self, holder: Holder) -> bool:
        """Whether a client can take the new channel in place of the old one and needs no new config.

        It finds the old one by its type, private or shared. A token that names channels goes on naming the
        old one.
        """
        in_token = self._profiles.of(holder.user).has_tokens and holder.user <= SHARED.user
        return not (holder.application or in_token)

    async def _tell(self, channels: list[str], command: str, params: Params, expiry: int) -> Published:
        return await self._hub.publish(channels, self._writer.write_system(command, params), expiry=expiry)
