"""``/conformance/``: a page that tries the client in the browser which opens it, and its part of the server.

The page may be opened from another machine, where the control API is closed. So a run has a way of its
own (:mod:`bxpull_server.web.conformance_run`), which is there only with the option ``conformance``, needs the
run's secret, and reaches the users reserved to that run alone.
"""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bxpull_server.clock import unix_time
from bxpull_server.conformance.results import BODY_LIMIT, read_result
from bxpull_server.conformance.runs import USERS
from bxpull_server.errors import PushServerError
from bxpull_server.web.conformance_run import RUN_ACTIONS, tidy
from bxpull_server.web.json_requests import json_refusal, read_fields, refuse_foreign_pages
from bxpull_server.web.replies import json_reply
from bxpull_server.web.services import services_of

_RUN_BODY_LIMIT = 512 * 1024
_HEADERS = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "same-origin",
}

# The path changes with the content.
_CACHED = {"Cache-Control": "max-age=3600, immutable"}


def conformance_routes() -> list[BaseRoute]:
    """The routes under ``/conformance``."""
    actions = [
        Route(f"/run/{{secret}}/{name}", _act(name), methods=["POST"], name=f"run-{name}")
        for name in RUN_ACTIONS
    ]
    return [
        Route("/run", _answering(_begin), methods=["POST"]),
        *actions,
        Route("/result", _answering(_take_result), methods=["POST"]),
        Route("/{path:path}", _file),
    ]


async def _file(request: Request) -> Response:
    services = services_of(request)
    file = services.conformance.files.get(request.path_params["path"])
    if file is None:
        raise HTTPException(404)
    authority = services.authority_of(request.headers)
    # Not all browsers take 'self' for the page's own WebSockets, too.
    sockets = f"ws://{authority} wss://{authority}"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {sockets}; "
        "img-src 'self'; frame-src 'self'; worker-src 'self'; frame-ancestors 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    built = services.conformance.client
    cached = _CACHED if built and request.path_params["path"].startswith(built.folder) else {}
    headers = {**_HEADERS, **cached, "Content-Security-Policy": policy}
    return Response(file.content, headers=headers, media_type=file.content_type)


def _answering(endpoint: Callable[[Request], Awaitable[object]]) -> Callable[[Request], Awaitable[Response]]:
    async def answering(request: Request) -> Response:
        try:
            refuse_foreign_pages(request, "the conformance page's part of the server")
            return json_reply(await endpoint(request))
        except PushServerError as error:
            return json_refusal(error)

    return answering


async def _begin(request: Request) -> object:
    (await read_fields(request, _RUN_BODY_LIMIT)).only()
    desk = services_of(request).conformance
    assert desk.client is not None  # noqa: S101 - a server that answers has built it
    run = desk.runs.begin()
    return {
        "run": run.secret,
        "first_user": run.users[0],
        "users": USERS,
        "tags": run.tags,
        "client": desk.client.folder,
    }


def _act(name: str) -> Callable[[Request], Awaitable[Response]]:
    action = RUN_ACTIONS[name]

    async def act(request: Request) -> object:
        services = services_of(request)
        fields = await read_fields(request, _RUN_BODY_LIMIT)
        return await action(services, services.conformance.runs.find(request.path_params["secret"]), fields)

    return _answering(act)


async def _take_result(request: Request) -> object:
    services = services_of(request)
    desk = services.conformance
    fields = await read_fields(request, BODY_LIMIT)
    fields.only("run", "browser", "seconds", "cells")
    run = desk.runs.find(fields.value("run"))
    # What the header says, not the page: the field is for those who keep the JSON.
    browser = request.headers.get("user-agent", "")
    result = read_result(fields.given("seconds", "cells"), browser, unix_time(services.clock))
    desk.runs.end(run)
    await tidy(services, run)
    desk.results.add(result)
    return {"taken": len(result.cells)}
