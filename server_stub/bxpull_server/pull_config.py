"""The config a page gets from ``pull.config.get`` or ``pull.application.config.get``."""

from dataclasses import dataclass, field
from typing import Any

from bxpull_server import paths
from bxpull_server.channel_book import IssuedChannel
from bxpull_server.channel_entries import channel_entry, public_entry
from bxpull_server.options import ServerOptions
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.dates import iso8601
from bxpull_server.protocol.tokens import issue_token
from bxpull_server.revisions import Revisions


@dataclass(frozen=True, slots=True)
class ConfigMaker:
    """Makes configs of all versions and modes.

    Attributes:
        options: What the configs of this server have in common.
        signer: Signs the ids.
        key: Signs the tokens; empty: there are none.
        client_id: ``clientId`` in mode ``shared``.
        host_id: ``iss`` of tokens.
        revisions: What is announced.
    """

    options: ServerOptions
    signer: Signer
    key: str = field(repr=False)
    client_id: str = field(repr=False)
    host_id: str
    revisions: Revisions

    def make(
        self, profile: Profile, private: IssuedChannel, shared: IssuedChannel, authority: str, now: float
    ) -> dict[str, Any]:
        """The whole config.

        Args:
            profile: Version and mode it is for.
            private: The user's channel.
            shared: Everybody's channel.
            authority: Host and port under which the page reached this server.
            now: Unix time in seconds, the portal's idea of it.
        """
        config: dict[str, Any] = {
            "server": self._server(profile, authority),
            "api": {"revision_web": self.revisions.web, "revision_mobile": self.revisions.mobile},
            "channels": {
                "shared": channel_entry(shared, self.signer, profile),
                "private": channel_entry(private, self.signer, profile),
            },
            "publicChannels": {},
            "serverTime": iso8601(now),
        }
        if profile.has_public_ids:
            config["publicChannels"] = {str(private.holder.user): public_entry(private, self.signer)}
        if profile.shared:
            config["clientId"] = self.client_id
        if profile.has_tokens and self.signer.enabled:
            config["jwt"] = self._token(private, shared, int(now))
            config["exp"] = int(now) + self.options.token_lifetime_s
        return config

    def _server(self, profile: Profile, authority: str) -> dict[str, Any]:
        options = self.options
        server: dict[str, Any] = {
            "version": profile.version,
            "server_enabled": True,
            "mode": profile.mode,
            "hostname": options.hostname,
            "long_polling": f"http://{authority}{paths.POLL}",
            "long_pooling_secure": f"https://{authority}{paths.POLL}",  # the protocol's own spelling
            "websocket_enabled": options.websocket_enabled,
            "websocket": f"ws://{authority}{paths.SUBSCRIBE}",
            "websocket_secure": f"wss://{authority}{paths.SUBSCRIBE}",
            "publish_enabled": profile.has_public_ids,  # by browsers; back ends publish without asking
            "publish": f"http://{authority}{paths.BROWSER_PUBLISH}",
            "publish_secure": f"https://{authority}{paths.BROWSER_PUBLISH}",
            "config_timestamp": options.config_timestamp,
        }
        if options.verdict:
            server["verdict"] = True  # ours: subscribers may ask whether the history covers their position
        if options.config_ttl_s:
            server["config_ttl"] = options.config_ttl_s
        return server

    def _token(self, private: IssuedChannel, shared: IssuedChannel, now: int) -> str:
        """A signed-in user is named, and the server knows the user's channel; others' channels are named."""
        signed_in = private.holder.user > 0 and not private.holder.application
        own = () if signed_in else (private.id, private.public_id)
        return issue_token(
            self.key,
            issuer=self.host_id,
            issued_at=now,
            lifetime_s=self.options.token_lifetime_s,
            subject=str(private.holder.user) if signed_in else None,
            channels=(*own, shared.id),
        )
