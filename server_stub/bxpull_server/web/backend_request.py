"""What the addresses of back ends are asked, whichever way the request came."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.web.replies import Reply, read_body
from bxpull_server.web.services import Services, services_of


@dataclass(slots=True)
class BackendRequest:
    """One request.

    Attributes:
        services: Those of the server that got it.
        method: POST, GET…
        query: Raw query string.
        headers: By lower-case name.
        read_body: The body, if it is not too large and not compressed.
    """

    services: Services
    method: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    read_body: Callable[[], Awaitable[bytes]] = field(repr=False)


Handler = Callable[[BackendRequest], Awaitable[Reply]]


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A handler as a route of Starlette."""

    async def serve(request: Request) -> Response:
        services = services_of(request)
        query = request.scope["query_string"].decode("latin-1")

        async def body() -> bytes:
            return await read_body(request, services.options.body_limit)

        reply = await handler(BackendRequest(services, request.method, query, request.headers, body))
        return reply.response()

    return serve
