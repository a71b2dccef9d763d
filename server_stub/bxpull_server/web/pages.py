"""Pages and files served from the same origin as the push server."""

import os
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bxpull_server import paths
from bxpull_server.config_file import DEFAULT_NAME
from bxpull_server.errors import PushServerError
from bxpull_server.inbox import Inbox
from bxpull_server.web.refusals import refusal_status
from bxpull_server.web.replies import read_body, text_reply
from bxpull_server.web.services import Services, services_of
from bxpull_server.web.sound_headers import leave_to_its_author

_HEADERS = {"Cache-Control": "no-cache"}

_ICON = "/favicon.ico"
_CONFORMANCE_OFF = (
    "the conformance page is off: start the server with --conformance, or with the option conformance=True"
)

_ENDPOINTS = (
    (f"POST {paths.CONFIG}", "the config of the page's user"),
    (f"WebSocket {paths.SUBSCRIBE}", "subscribe"),
    (f"GET {paths.POLL}", "subscribe by long polling"),
    (f"POST {paths.BACKEND_PUBLISH}", "publish as a back end of versions 1 to 4"),
    (f"POST {paths.BACKEND_API}", "publish as a back end of version 5: JSON-RPC"),
    (f"POST {paths.BROWSER_PUBLISH}", "publish as a browser"),
    ("GET /server-stat/", "statistics"),
    ("POST /control/send", "publish as the portal would: by user, users, channel or to all"),
    ("GET /control/state", "who is connected"),
    ("GET /control/events", "what is published, as it is published"),
)


class InMemoryPages:
    """ASGI middleware: in-memory pages, and inboxes of tests, come before every route."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._pages = services.pages
        self._inboxes = services.inboxes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass the request on."""
        inbox = self._inboxes.get(scope["path"]) if scope["type"] == "http" else None
        if inbox is not None and scope["method"] == "POST":
            await (await _take_in(inbox, Request(scope, receive)))(scope, receive, send)
            return
        page = self._pages.get(scope["path"]) if scope["type"] == "http" else None
        if page is None or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        leave_to_its_author(scope)
        content_type, content = page
        await Response(content, headers=_HEADERS, media_type=content_type)(scope, receive, send)


async def _take_in(inbox: Inbox, request: Request) -> Response:
    """Keep what is posted. Nothing in the answer is for pages, so those of other origins need no leave."""
    try:
        inbox.put(await read_body(request, inbox.room))
    except PushServerError as error:
        return text_reply(str(error), refusal_status(error))
    return Response(status_code=204)


class VisibleFiles(StaticFiles):
    """Files of one folder, index.html for a folder, nothing hidden, always asked for again."""

    def __init__(self, directory: Path | str) -> None:
        super().__init__(directory=directory, html=True)
        self._root = directory

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find nothing hidden, not behind a link either, and nothing that cannot be read."""
        if _is_hidden(path):
            return "", None
        try:
            full_path, found = super().lookup_path(path)
        except OSError:  # a loop of links, too long a name, a folder that is closed
            return "", None
        if found is not None and (
            _is_hidden(os.path.relpath(full_path, os.path.realpath(self._root)))
            or not os.access(full_path, os.R_OK)
        ):
            return "", None
        return full_path, found

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve the file with our headers; at the root without a file of its own, what there is."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code == 404 and path == ".":
                return await welcome(Request(scope))
            raise
        response.headers.update(_HEADERS)
        leave_to_its_author(scope)
        return response


def _is_hidden(path: str) -> bool:
    """What begins with a dot, and the settings file, which may hold keys; some file systems ignore case."""
    return any(
        (part.startswith(".") and part != ".") or part.lower() == DEFAULT_NAME for part in Path(path).parts
    )


async def welcome(request: Request) -> Response:
    """A small page that names the endpoints, and the pages of the folder ``static``."""
    services = services_of(request)
    url = escape(str(URL(scheme="http", netloc=services.authority_of(request.headers))))
    profile = services.portal.profiles.default
    rows = "".join(
        f"<dt><code>{escape(name)}</code></dt><dd>{escape(text)}</dd>" for name, text in _ENDPOINTS
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>bxpull push server</title>'
        "<h1>bxpull push server</h1>"
        f"<p>Version {profile.version} of the protocol, mode {profile.mode}, at {url}.</p>"
        f"<dl>{rows}</dl><p>{_pages_of(services.options.static)}</p></html>"
    )
    return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")


def _pages_of(static: Path | str | None) -> str:
    if static is None:
        return "Serve your own pages from here with <code>--static DIR</code>."
    names = sorted(path.name for path in Path(static).glob("*.html") if not _is_hidden(path.name))
    links = ", ".join(f'<a href="/{escape(quote(name))}">{escape(name)}</a>' for name in names)
    return f"The folder of <code>--static</code> has no index.html. Its pages: {links or 'none'}."


async def peer_left(_request: Request, _error: Exception) -> Response:
    """Nobody reads the answer to a request that was not sent to its end."""
    return Response(status_code=400)


def _of_conformance(request: Request) -> bool:
    """Whether this asks for the conformance page of a server that has none."""
    on = services_of(request).options.conformance
    return not on and request.url.path.partition("/")[2].partition("/")[0] == "conformance"


async def not_found(request: Request, error: Exception) -> Response:
    """Plain words for every HTTP error that no route worded itself."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404 and request.url.path == _ICON:
        return Response(status_code=204, headers=_HEADERS)  # browsers ask for it with every page
    if status == 404 and _of_conformance(request):
        return text_reply(_CONFORMANCE_OFF, 404)
    detail = error.detail if isinstance(error, HTTPException) else "Internal Server Error"
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return Response(f"{detail}\n", status, {**headers, **_HEADERS}, media_type="text/plain; charset=utf-8")
