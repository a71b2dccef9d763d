"""Channels as configs, REST answers and ``channel_expire`` name them."""

from typing import Any

from bxpull_server.channel_book import IssuedChannel
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.dates import iso8601


def channel_entry(channel: IssuedChannel, signer: Signer, profile: Profile) -> dict[str, Any]:
    """One channel to listen to: signed id, type, start and end; a user's own also with its public id."""
    with_public_id = profile.has_public_ids and channel.holder.user != 0
    value = f"{channel.id}:{channel.public_id}" if with_public_id else channel.id
    entry: dict[str, Any] = {
        "id": signer.sign(value),
        "start": iso8601(channel.start),
        "end": iso8601(channel.end),
        "type": channel.holder.kind,
    }
    if with_public_id:
        entry["public_id"] = signer.sign_public(channel.public_id)
    return entry


def public_entry(channel: IssuedChannel, signer: Signer) -> dict[str, Any]:
    """The public channel of a user, as others get it to publish to."""
    public_id, _, signature = signer.sign_public(channel.public_id).partition(".")
    return {
        "user_id": channel.holder.user,
        "public_id": public_id,
        "signature": signature,
        "start": iso8601(channel.start),
        "end": iso8601(channel.end),
    }
