"""The JSON-RPC methods a browser may call over its socket."""

from collections.abc import Mapping
from typing import Any

from bxpull_server.connection import Connection
from bxpull_server.errors import JsonRpcError
from bxpull_server.protocol.jsonrpc import PONG, ErrorCode
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.publish_rpc import PUBLISH, read_publish, read_user, read_users
from bxpull_server.status_feed import StatusFeed
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.rpc import Methods
from bxpull_server.web.services import Services
from bxpull_server.web.subscription import NO_PUBLIC_ID, Subscription

MAX_WATCHED = 1000
Params = Mapping[str, Any]


class BrowserMethods:
    """What one subscriber may call.

    Args:
        services: The server's parts.
        connection: The subscriber.
        subscription: What it asked for.
        statuses: Tells it of users' comings and goings.
    """

    __slots__ = ("_connection", "_services", "_statuses", "_subscription")

    def __init__(
        self, services: Services, connection: Connection, subscription: Subscription, statuses: StatusFeed
    ) -> None:
        self._services = services
        self._connection = connection
        self._subscription = subscription
        self._statuses = statuses

    @property
    def table(self) -> Methods:
        """The methods by name; made for each call, since it would hold what holds it."""
        return {
            PUBLISH: self._publish,
            "getUsersLastSeen": self._last_seen,
            "ping": self._ping,
            "listChannels": self._list_channels,
            "subscribeStatusChange": self._watch,
            "unsubscribeStatusChange": self._unwatch,
        }

    async def _publish(self, params: Params) -> object:
        if not self._subscription.has_public_id:
            raise JsonRpcError(ErrorCode.INVALID_PARAMS, NO_PUBLIC_ID)
        services = self._services
        publication = read_publish(params, services.public_receivers, Sender.CLIENT, services.publish_limits)
        done = await publish_one(services, publication)
        return {"mid": done.mid, "delivered": done.delivered}

    async def _last_seen(self, params: Params) -> object:
        users = read_users(params.get("userList"), "userList")
        seen = self._services.hub.presence.last_seen(users)
        return {str(user): seconds for user, seconds in seen.items()}

    async def _ping(self, _params: Params) -> object:
        return PONG

    async def _list_channels(self, _params: Params) -> object:
        kind_of = self._services.portal.channel_kind
        return [{"id": channel, "type": kind_of(channel)} for channel in self._connection.channels]

    async def _watch(self, params: Params) -> object:
        user = read_user(params, "userId")
        if len(self._connection.further_channels) >= MAX_WATCHED:
            raise JsonRpcError(ErrorCode.INVALID_PARAMS, f"at most {MAX_WATCHED} users can be watched")
        self._statuses.watch(self._connection, user)
        return True

    async def _unwatch(self, params: Params) -> object:
        self._statuses.unwatch(self._connection, read_user(params, "userId"))
        return True
