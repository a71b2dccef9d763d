"""Under which names this server may be reached.

A site can point a name of its own at this machine (DNS rebinding). For a browser its pages are then of this
very origin: no preflight is asked for, and they may read every answer. Only the ``Host`` tells: addresses,
and names that no public name server answers, cannot be lent like that.
"""

import ipaddress
import logging

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bxpull_server.errors import RefusedError
from bxpull_server.options import ServerOptions
from bxpull_server.quoting import quoted
from bxpull_server.web.cors import cors_headers
from bxpull_server.web.host_names import host_name, is_loopback
from bxpull_server.web.replies import text_reply
from bxpull_server.web.services import Services, services_of

ANY = "*"
# Reserved: RFC 6761, RFC 6762, RFC 8375, and .internal by ICANN.
_PRIVATE_NAMES = (".local", ".test", ".internal", ".home.arpa")
_log = logging.getLogger(__name__)


class ForbiddenHostError(RefusedError):
    """The server was reached under a name it does not answer to; answered with status 403."""

    code = "forbidden_host"


def check_host(request: HTTPConnection) -> None:
    """Refuse a ``Host`` that a public name server could have pointed here. Without one it is no browser.

    Raises:
        ForbiddenHostError: It is one of those, and no option allows it.
    """
    host = request.headers.get("host", "")
    if not host or is_known_host(host, services_of(request).options):
        return
    name = host_name(host)
    if name is None:
        sentence = "the header Host is no host name or address, maybe with a port: send one"
    else:
        sentence = f"this server is not known as {quoted(name)}: add it to the option allowed_hosts"
    services_of(request).warn(_log, "%s", sentence)
    raise ForbiddenHostError(sentence)


class HostGuard:
    """ASGI middleware: answers no HTTP request to a foreign name. Subscribers' sockets look themselves."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._pages = services.pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not self._is_for_control(scope["path"]):
            request = Request(scope)
            try:
                check_host(request)
            except ForbiddenHostError as error:
                await text_reply(str(error), 403, cors_headers(request))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_for_control(self, path: str) -> bool:
        """The control API looks itself: it takes its token under any name, and without one is stricter."""
        return path.startswith("/control/") and path not in self._pages


def is_known_host(host: str, options: ServerOptions) -> bool:
    """Whether no public name server could have pointed this ``Host`` here, or an option allows it."""
    name = host_name(host)
    if name is None:
        return False
    if is_loopback(name):
        return True
    # A site whose pages may use the server anyway gains nothing by lending its name.
    origins = (origin.rpartition("://")[2] for origin in options.cors_origins)
    named = {
        one if one == ANY else host_name(one) for one in (options.host, *options.allowed_hosts, *origins)
    }
    if ANY in named or name in named:
        return True
    if ("." not in name and ":" not in name) or name.endswith(_PRIVATE_NAMES):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
