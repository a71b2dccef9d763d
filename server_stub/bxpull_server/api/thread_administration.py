"""Who is who, and the life of channels and configs, from any thread."""

from collections.abc import Iterable
from typing import Any

from bxpull_server.api.thread_parts import ThreadParts


class ThreadAdministration(ThreadParts):
    """See :class:`bxpull_server.api.administration.Administration`."""

    def set_user(self, user: int, *, server_version: int | None = None, mode: str | None = None) -> None:
        """Let the server be of another version or mode for one user. See :meth:`AsyncPushServer.set_user`."""
        self._call(self._server.set_user(user, server_version=server_version, mode=mode))

    def add_application(self, client_id: str, token: str, *, user: int, admin: bool = False) -> None:
        """Register an OAuth application for a user. See :meth:`AsyncPushServer.add_application`."""
        self._call(self._server.add_application(client_id, token, user=user, admin=admin))

    def config(self, user: int, application: str = "") -> dict[str, Any]:
        """The config a page of ``user`` gets. See :meth:`AsyncPushServer.config`."""
        return self._call(self._server.config(user, application))

    def public_channel(self, user: int) -> dict[str, Any]:
        """What others need to publish to a user. See :meth:`AsyncPushServer.public_channel`."""
        return self._call(self._server.public_channel(user))

    def set_last_seen(self, user: int, unix_ts: float) -> None:
        """Say when a user was seen. See :meth:`AsyncPushServer.set_last_seen`."""
        self._call(self._server.set_last_seen(user, unix_ts))

    def last_seen(self, users: Iterable[int]) -> dict[int, int]:
        """For each user 0 when online, else the seconds since then; unknown users are missing."""
        return self._call(self._server.last_seen(users))

    def expire_config(self, user: int | None = None) -> None:
        """Tell one user, or everybody, to reload the config."""
        self._call(self._server.expire_config(user))

    def expire_channel(
        self, user: int | None = None, *, new_channel: bool = True, application: str = ""
    ) -> None:
        """Replace a channel. See :meth:`AsyncPushServer.expire_channel`."""
        self._call(self._server.expire_channel(user, new_channel=new_channel, application=application))

    def evict_history(self, user: int | None = None) -> int:
        """Forget what is stored for one user, or all. See :meth:`AsyncPushServer.evict_history`."""
        return self._call(self._server.evict_history(user))

    def lost_through(self, user: int) -> str:
        """The newest mid that is lost to a user. See :meth:`AsyncPushServer.lost_through`."""
        return self._call(self._server.lost_through(user))

    def announce_revision(self, revision: int) -> None:
        """Announce another revision of the API. See :meth:`AsyncPushServer.announce_revision`."""
        self._call(self._server.announce_revision(revision))

    def server_restart(self) -> None:
        """Tell everybody that the push server restarts: clients reconnect after 15 s or little more."""
        self._call(self._server.server_restart())
