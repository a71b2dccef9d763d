"""Which pages of other origins may use this server.

Those of this machine (a developer's own servers, on any port) and of the server's own host may; others only
if the options name them. Otherwise every site a developer visits could read the events of the local server's
users: who names no user is the default one. Requests without ``Origin`` come from scripts and back ends.
"""

import logging
import re
from collections.abc import Mapping

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from bxpull_server.errors import RefusedError
from bxpull_server.quoting import quoted
from bxpull_server.web.host_names import host_name, is_loopback
from bxpull_server.web.replies import text_reply
from bxpull_server.web.services import Services, services_of

ANY_ORIGIN = "*"
_METHODS = "GET, POST, OPTIONS"
_HEADERS = "Authorization, Bx-Ajax, Content-Type, X-Bitrix-Csrf-Token, X-Bitrix-Site-Id"
# Tracing, of Sentry for example, adds headers of its own to what a page asks for.
_FURTHER = re.compile(r"[A-Za-z0-9_-]{1,64}(?:, ?[A-Za-z0-9_-]{1,64}){0,31}")
_ORIGIN = re.compile(r"https?://([^/]+)")
_log = logging.getLogger(__name__)


class ForbiddenOriginError(RefusedError):
    """A page of this origin may not use the server; answered with status 403."""

    code = "forbidden_origin"


def check_origin(request: HTTPConnection) -> None:
    """Refuse pages of foreign origins.

    Raises:
        ForbiddenOriginError: The origin is neither allowed by default nor named in ``cors_origins``, or
            a page of another site embeds the address.
    """
    check_page(services_of(request), request.headers)


def check_page(services: Services, headers: Mapping[str, str]) -> None:
    """The same for a request with these headers."""
    origin = headers.get("origin")
    if origin is None:
        _refuse_unnamed(headers)
        return
    if _allowed(origin, services, headers):
        return
    error = ForbiddenOriginError(
        f"pages of origin {quoted(origin)} are refused: add it to the option cors_origins"
    )
    services.warn(_log, "%s", error)
    raise error


def cors_headers(request: Request) -> dict[str, str]:
    """Headers for an answer that pages of allowed origins may read."""
    services = services_of(request)
    origins = services.options.cors_origins
    origin = request.headers.get("origin")
    if origin is not None and origin in origins:
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
        }
    if ANY_ORIGIN in origins:
        return {"Access-Control-Allow-Origin": "*"}
    if origin is not None and _allowed(origin, services, request.headers):
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return {"Vary": "Origin"}


def preflight(request: Request) -> Response:
    """The answer to a preflight request."""
    headers = cors_headers(request)
    try:
        check_origin(request)
    except ForbiddenOriginError as error:
        return text_reply(str(error), 403, headers)
    headers["Access-Control-Allow-Methods"] = _METHODS
    wanted = request.headers.get("access-control-request-headers", "")
    headers["Access-Control-Allow-Headers"] = (
        f"{_HEADERS}, {wanted}" if _FURTHER.fullmatch(wanted) else _HEADERS
    )
    headers["Access-Control-Max-Age"] = "600"
    return Response(status_code=204, headers=headers)


def _refuse_unnamed(headers: Mapping[str, str]) -> None:
    """Images, scripts and the like are asked for without ``Origin``; browsers say so in another way."""
    if headers.get("sec-fetch-mode") == "no-cors" and headers.get("sec-fetch-site") == "cross-site":
        raise ForbiddenOriginError(
            "pages of other origins may not ask for this as an image, script or the like"
        )


def _allowed(origin: str, services: Services, headers: Mapping[str, str]) -> bool:
    options = services.options
    if origin in options.cors_origins or ANY_ORIGIN in options.cors_origins:
        return True
    match = _ORIGIN.fullmatch(origin)
    name = host_name(match[1]) if match else None
    if name is None:
        return False
    return is_loopback(name) or name in (host_name(services.authority_of(headers)), options.host.lower())
