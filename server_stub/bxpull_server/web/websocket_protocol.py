"""uvicorn's WebSocket protocol, with the transport made known to the application."""

import asyncio

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

_EXTENSION = "bxpull.transport"


class SubscriberProtocol(WebSocketsSansIOProtocol):
    """Adds what ASGI has no words for: cutting the line, telling a lost peer from one that said goodbye."""

    def handle_connect(self, event: Request) -> None:
        """Put the transport where :func:`transport_of` finds it."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"] = {
                **(self.scope["extensions"] or {}),
                _EXTENSION: {"transport": self.transport},
            }

    def connection_lost(self, exc: Exception | None) -> None:
        """Report 1006 instead of 1005 if no close frame came."""
        if self.conn.close_rcvd is None:
            self.handshake_complete = False
        super().connection_lost(exc)


def transport_of(websocket: WebSocket) -> asyncio.Transport:
    """The transport under a WebSocket of this server."""
    transport: asyncio.Transport = websocket.scope["extensions"][_EXTENSION]["transport"]
    return transport
