"""The ASGI application: every route of the server in one table."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from bxpull_server.web.control import control_routes
from bxpull_server.web.pages import InMemoryPages, VisibleFiles, not_found, peer_left, welcome
from bxpull_server.web.publish import publish, server_stat
from bxpull_server.web.replies import text_reply
from bxpull_server.web.rest import rest
from bxpull_server.web.services import Services
from bxpull_server.web.subscribe import subscribe


async def _long_polling(_request: Request) -> Response:
    headers = {"Access-Control-Allow-Origin": "*"}
    return text_reply("long polling is not available in this version: use the WebSocket", 501, headers)


async def _browser_publish(_request: Request) -> Response:
    headers = {"Access-Control-Allow-Origin": "*"}
    return text_reply("publishing from browsers is not available in this version", 501, headers)


async def _json_rpc(_request: Request) -> Response:
    return text_reply("the JSON-RPC endpoint is not available in this version: publish to /bitrix/pub/", 501)


def make_app(services: Services) -> Starlette:
    """The application for these services."""
    routes: list[BaseRoute] = [
        WebSocketRoute("/bitrix/subws/", subscribe),
        Route("/bitrix/sub/", _long_polling),
        Route("/bitrix/pub/", publish, methods=["GET", "POST"]),
        Route("/bitrix/pubweb/", _browser_publish, methods=["GET", "POST", "OPTIONS"]),
        Route("/bitrix/api/", _json_rpc, methods=["POST"]),
        Route("/rest/{method}", rest, methods=["GET", "POST", "OPTIONS"]),
        Route("/server-stat/", server_stat),
        Mount("/control", routes=control_routes()),
    ]
    if services.options.static is None:
        routes.append(Route("/", welcome))
    else:
        routes.append(Mount("/", VisibleFiles(services.options.static)))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(InMemoryPages, services=services)],
        exception_handlers={HTTPException: not_found, ClientDisconnect: peer_left},
    )
    app.state.services = services
    return app
