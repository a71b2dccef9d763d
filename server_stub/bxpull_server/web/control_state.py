"""What ``GET /control/state`` tells: who is connected and how, no secrets."""

from collections import Counter
from typing import Any

from bxpull_server.connection import Connection
from bxpull_server.web.services import Services


def state(services: Services) -> dict[str, Any]:
    """Users, connections, applications and counts."""
    hub, portal = services.hub, services.portal
    tabs = Counter(connection.user for connection in hub.connections)
    users = sorted({*portal.users, *(user for user in tabs if user)})
    return {
        **_profile(services, 0),
        "users": [{"user": user, "connections": tabs[user], **_profile(services, user)} for user in users],
        "applications": [
            {"client_id": application.client_id, "user": application.user, "admin": application.admin}
            for application in portal.applications.all
        ],
        "connections": [_connection(services, connection) for connection in hub.connections],
        "channels": hub.channel_count,
        "published": hub.published,
        "delivered": hub.delivered,
    }


def _profile(services: Services, user: int) -> dict[str, Any]:
    profile = services.portal.profile(user)
    return {"server_version": profile.version, "mode": profile.mode}


def _connection(services: Services, connection: Connection) -> dict[str, Any]:
    return {
        "number": connection.number,
        "user": connection.user,
        **_profile(services, connection.user),
        "format": connection.codec.name,
        "transport": connection.transport,
        "channels": len(connection.channels),
        "opened_at": connection.opened_at,
        "sent": connection.sent,
        "queued": connection.queued,
    }
