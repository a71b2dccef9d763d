"""Tells subscribers who ask for it when a user comes and goes."""

import asyncio

from bxpull_server.clock import Clock, unix_time
from bxpull_server.connection import Connection
from bxpull_server.hub import Hub
from bxpull_server.protocol.dates import iso8601
from bxpull_server.protocol.events import make_event

MODULE = "online"
COMMAND = "userStatusChange"
# No channel id of a portal looks like this, so nobody subscribes or publishes to it by name.
_CHANNEL = "status of user "


class StatusFeed:
    """Publishes a user's changes between online and offline on a channel of their own, one a user.

    Changes are for those connected now: whoever reconnects asks anew.

    Args:
        hub: Carries the channels; its presence is listened to from now on.
        clock: Time of the events.
    """

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._publishing: set[asyncio.Task[object]] = set()
        hub.presence.on_change = self._changed

    def watch(self, connection: Connection, user: int) -> None:
        """Tell ``connection`` of the user's changes from now on."""
        self._hub.listen(connection, _channel(user))

    def unwatch(self, connection: Connection, user: int) -> None:
        """Tell it no more."""
        self._hub.leave(connection, _channel(user))

    def _changed(self, user: int, online: bool) -> None:
        if not self._hub.subscribers(_channel(user)):
            return
        now = unix_time(self._clock)
        extra = {"server_time": iso8601(now), "server_time_unix": now}
        body = make_event(MODULE, COMMAND, {"user_id": user, "online": online}, extra)
        task: asyncio.Task[object] = asyncio.create_task(self._hub.publish([_channel(user)], body, expiry=0))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)


def _channel(user: int) -> str:
    return f"{_CHANNEL}{user}"


def watched_user(channel: str) -> int | None:
    """The user whose changes go out on this channel; None: it is another kind of channel."""
    return int(channel.removeprefix(_CHANNEL)) if channel.startswith(_CHANNEL) else None
