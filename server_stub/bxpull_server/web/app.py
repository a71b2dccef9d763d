"""The ASGI application: every route of the server in one table."""

from collections.abc import Awaitable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from bxpull_server import paths
from bxpull_server.parked_polls import ParkedPolls
from bxpull_server.status_feed import StatusFeed
from bxpull_server.web.backend_api import backend_api
from bxpull_server.web.backend_publish import backend_publish
from bxpull_server.web.backend_request import endpoint
from bxpull_server.web.browser_publish import browser_publish
from bxpull_server.web.conformance import conformance_routes
from bxpull_server.web.control import control_routes
from bxpull_server.web.hosts import HostGuard
from bxpull_server.web.long_polling import LongPollingEndpoint
from bxpull_server.web.pages import InMemoryPages, VisibleFiles, not_found, peer_left, welcome
from bxpull_server.web.rest import rest
from bxpull_server.web.services import Services
from bxpull_server.web.sound_headers import SoundHeaders
from bxpull_server.web.statistics import server_stat
from bxpull_server.web.subscribe import SubscribeEndpoint, no_socket, no_upgrade


def make_app(services: Services) -> Starlette:
    """The application for these services."""
    sockets = SubscribeEndpoint(StatusFeed(services.hub, services.clock))
    polls = LongPollingEndpoint(ParkedPolls(services.hub, services.clock))
    routes: list[BaseRoute] = [
        WebSocketRoute(paths.SUBSCRIBE, sockets.serve),
        Route(paths.SUBSCRIBE, no_upgrade),
        Route(paths.POLL, polls.serve, methods=["GET", "OPTIONS"]),
        Route(paths.BACKEND_PUBLISH, endpoint(backend_publish), methods=["GET", "POST"]),
        Route(paths.BROWSER_PUBLISH, browser_publish, methods=["POST", "OPTIONS"]),
        Route(paths.BACKEND_API, endpoint(backend_api), methods=["POST"]),
        Route(f"{paths.REST}{{method}}", rest, methods=["GET", "POST", "OPTIONS"]),
        Route("/server-stat/", server_stat),
        Mount("/control", routes=control_routes()),
    ]
    if services.options.conformance:
        routes.append(Mount("/conformance", routes=conformance_routes()))
    if services.options.static is None:
        routes.append(Route("/", welcome))
    else:
        routes.append(Mount("/", VisibleFiles(services.options.static)))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(HostGuard, services=services), Middleware(InMemoryPages, services=services)],
        exception_handlers={HTTPException: not_found, ClientDisconnect: peer_left},
    )
    app.state.services = services
    return app


class Application:
    """The same, with nothing between a subscriber's socket and its endpoint: sockets are many, and stay.

    Args:
        services: The server's parts.
    """

    def __init__(self, services: Services) -> None:
        self._app = make_app(services)
        self._others = SoundHeaders(self._app)
        self._sockets = {
            route.path: route.endpoint for route in self._app.routes if isinstance(route, WebSocketRoute)
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request or socket."""
        if scope["type"] != "websocket":
            return self._others(scope, receive, send)
        endpoint = self._sockets.get(scope["path"], no_socket)
        scope["app"] = self._app
        served: Awaitable[None] = endpoint(WebSocket(scope, receive, send))
        return served
