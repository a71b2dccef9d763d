"""The config a page gets from ``pull.config.get``."""

from typing import Any

from bxpull_server.channel_book import IssuedChannel
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.dates import iso8601

REVISION_WEB = 19
REVISION_MOBILE = 3
PUBLIC_IDS_SINCE = 4


def channel_entry(channel: IssuedChannel, signer: Signer, version: int) -> dict[str, Any]:
    """One channel as configs and ``channel_expire`` name it: signed id, kind, start and end."""
    public = version >= PUBLIC_IDS_SINCE and channel.holder.kind == "private"
    value = f"{channel.id}:{channel.public_id}" if public else channel.id
    entry: dict[str, Any] = {
        "id": signer.sign(value),
        "start": iso8601(channel.start),
        "end": iso8601(channel.end),
        "type": channel.holder.kind,
    }
    if public:
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


def make_config(
    *,
    authority: str,
    version: int,
    signer: Signer,
    private: IssuedChannel,
    shared: IssuedChannel,
    now: float,
) -> dict[str, Any]:
    """The whole config.

    Args:
        authority: Host and port under which the page reached this server.
        version: Server version.
        signer: Signs the ids.
        private: The user's channel.
        shared: Everybody's channel.
        now: Unix time in seconds, the portal's idea of it.
    """
    urls = {
        "long_polling": f"http://{authority}/bitrix/sub/",
        "long_pooling_secure": f"https://{authority}/bitrix/sub/",  # the protocol's own spelling
        "websocket": f"ws://{authority}/bitrix/subws/",
        "websocket_secure": f"wss://{authority}/bitrix/subws/",
        "publish": f"http://{authority}/bitrix/pubweb/",
        "publish_secure": f"https://{authority}/bitrix/pubweb/",
    }
    config: dict[str, Any] = {
        "server": {
            "version": version,
            "server_enabled": True,
            "mode": "personal",
            "hostname": "",
            "websocket_enabled": True,
            "publish_enabled": False,  # by browsers; back ends publish without asking
            "config_timestamp": 0,
            **urls,
        },
        "api": {"revision_web": REVISION_WEB, "revision_mobile": REVISION_MOBILE},
        "channels": {
            "shared": channel_entry(shared, signer, version),
            "private": channel_entry(private, signer, version),
        },
        "publicChannels": {},
        "serverTime": iso8601(now),
    }
    if version >= PUBLIC_IDS_SINCE:
        config["publicChannels"] = {str(private.holder.user): public_entry(private, signer)}
    return config
