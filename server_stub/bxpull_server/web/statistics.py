"""Numbers: who listens to which channels, and how the server does."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server import __version__
from bxpull_server.web.replies import json_reply
from bxpull_server.web.services import Services, services_of


async def server_stat(request: Request) -> Response:
    """``/server-stat/``."""
    return json_reply(server_numbers(services_of(request)))


def server_numbers(services: Services) -> dict[str, Any]:
    """Numbers about this server, nothing secret."""
    hub = services.hub
    formats = Counter(connection.codec.name for connection in hub.connections)
    transports = Counter(connection.transport for connection in hub.connections)
    return {
        "server": "bxpull",
        "version": __version__,
        "server_version": services.portal.profile(0).version,
        "uptime": round(services.clock.monotonic() - services.started, 3),
        "connections": len(hub.connections),
        "formats": dict(sorted(formats.items())),
        "transports": dict(sorted(transports.items())),
        "channels": hub.channel_count,
        "published": hub.published,
        "delivered": hub.delivered,
    }


async def channel_numbers(services: Services, channels: Iterable[str]) -> list[dict[str, Any]]:
    """Who listens to these channels, and how much of them is stored."""
    return [
        {
            "channel": channel,
            "subscribers": services.hub.subscribers(channel),
            "stored_messages": await services.hub.store.count(channel),
        }
        for channel in channels
    ]
