"""Who is who, and the life of channels and configs."""

from collections.abc import Iterable
from typing import Any

from bxpull_server.api.parts import AsyncParts
from bxpull_server.protocol.mids import MID_DIGITS
from bxpull_server.users import check_unix_time, check_user

_NEWEST = "9" * MID_DIGITS


class Administration(AsyncParts):
    """Methods that change or show what the portal knows of its users."""

    async def set_user(
        self, user: int, *, server_version: int | None = None, mode: str | None = None
    ) -> None:
        """Let the server be of another version or mode for one user.

        The user's pages see it with the next config they load: see :meth:`expire_config`.

        Args:
            user: User id; negative for a guest.
            server_version: 1 to 5; None: as it was.
            mode: ``personal`` or ``shared``; None: as it was.

        Raises:
            EventError: There is no such version or mode.
        """
        self._services.portal.profiles.change(check_user(user), version=server_version, mode=mode)

    async def add_application(self, client_id: str, token: str, *, user: int, admin: bool = False) -> None:
        """Register an OAuth application for a user.

        Args:
            client_id: Names the application; the type of its channels.
            token: What it calls REST methods with, as ``auth``.
            user: User id.
            admin: Whether that user is an administrator: may send events to other users.

        Raises:
            EventError: Names the part that is wrong.
        """
        self._services.portal.add_application(client_id, token, user=user, admin=admin)

    async def config(self, user: int, application: str = "") -> dict[str, Any]:
        """The config a page of ``user`` gets.

        Args:
            user: User id; negative for a guest.
            application: Client id of the application whose page it is; "": the portal's own.

        Raises:
            EventError: There is no such user or application.
        """
        self._check_running()
        services = self._services
        return await services.portal.config(check_user(user), services.authority, application)

    async def public_channel(self, user: int) -> dict[str, Any]:
        """What others publish to a user with: ``user_id``, ``public_id``, ``signature``, ``start``, ``end``.

        Browsers publish to ``public_id.signature``.
        """
        self._check_running()
        return (await self._services.portal.public_channels([check_user(user)]))[user]

    async def set_last_seen(self, user: int, unix_ts: float) -> None:
        """Say when a user was seen, in unix seconds; an earlier time than the known one changes nothing."""
        self._services.hub.presence.set_last_seen(check_user(user), check_unix_time(unix_ts, "unix_ts"))

    async def last_seen(self, users: Iterable[int]) -> dict[int, int]:
        """For each user 0 when online, else the seconds since then; unknown users are missing."""
        return self._services.hub.presence.last_seen([check_user(user) for user in users])

    async def expire_config(self, user: int | None = None) -> None:
        """Tell one user, or everybody, to reload the config."""
        self._check_running()
        await self._services.portal.channels.expire_config(0 if user is None else check_user(user))

    async def expire_channel(
        self, user: int | None = None, *, new_channel: bool = True, application: str = ""
    ) -> None:
        """Replace a channel and say so on the old one.

        Args:
            user: User id; negative for a guest; None: the shared channel.
            new_channel: Name the new channel to reconnect to; otherwise the client has to reload the config.
            application: Client id of the application whose channel it is; "": the portal's own.

        Raises:
            EventError: There is no such user or application.
        """
        self._check_running()
        portal = self._services.portal
        holder = portal.holder(0 if user is None else check_user(user), application)
        await portal.channels.replace(holder, new_channel=new_channel)

    async def evict_history(self, user: int | None = None) -> int:
        """Forget what is stored for one user, or (None) all: who lacks some of it has a gap.

        Returns:
            How many messages were forgotten; one counts for each channel it is stored on.
        """
        store, portal = self._services.hub.store, self._services.portal
        return await (store.clear() if user is None else store.evict(portal.channels_of(check_user(user))))

    async def lost_through(self, user: int) -> str:
        """The newest mid of which the history of a user's channels, or the shared one, knows that it is lost.

        Who resumes from an earlier mid is told a gap that ends there. "": nothing is lost.
        """
        portal = self._services.portal
        channels = (*portal.channels_of(check_user(user), applications=False), *portal.channel_ids(0))
        return (await self._services.hub.store.since(channels, _NEWEST)).through

    async def announce_revision(self, revision: int) -> None:
        """Say in configs and events, from now on, that the portal's API has another revision (19 at first).

        Pages built for an older one tell their users to reload: ``onPullRevisionUp``.

        Raises:
            EventError: It is no whole number from 1 on.
        """
        self._services.portal.revisions.announce(revision)

    async def server_restart(self) -> None:
        """Tell everybody that the push server restarts: clients reconnect after 15 s or little more."""
        self._check_running()
        await self._services.portal.channels.server_restart()
