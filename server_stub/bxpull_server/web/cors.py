"""Which pages of other origins may read an answer.

Any page may call REST without cookies, as with a portal's push server. With cookies only the origins named in
the options may: otherwise every site a developer visits could read the channels of the local server's users.
"""

from starlette.requests import Request
from starlette.responses import Response

_METHODS = "GET, POST, OPTIONS"
_HEADERS = "Authorization, Bx-Ajax, Content-Type, X-Bitrix-Csrf-Token, X-Bitrix-Site-Id"


def cors_headers(request: Request, credentialed: tuple[str, ...]) -> dict[str, str]:
    """Headers for an answer that other origins may read."""
    origin = request.headers.get("origin")
    if origin is not None and origin in credentialed:
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
        }
    return {"Access-Control-Allow-Origin": "*"}


def preflight(request: Request, credentialed: tuple[str, ...]) -> Response:
    """The answer to a preflight request."""
    headers = cors_headers(request, credentialed)
    headers["Access-Control-Allow-Methods"] = _METHODS
    headers["Access-Control-Allow-Headers"] = _HEADERS
    headers["Access-Control-Max-Age"] = "600"
    return Response(status_code=204, headers=headers)
