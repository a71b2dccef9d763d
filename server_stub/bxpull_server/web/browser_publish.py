"""``/bitrix/pubweb/``: publishing of browsers over HTTP, when they have no socket."""

import logging

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.errors import RefusedError
from bxpull_server.journal import BrowserPublish
from bxpull_server.protocol.publish_batch import read_browser_batch
from bxpull_server.web.batches import batch_answer, run_batch
from bxpull_server.web.cors import check_origin, cors_headers, preflight
from bxpull_server.web.refusals import refusal_reply
from bxpull_server.web.replies import read_body
from bxpull_server.web.services import services_of
from bxpull_server.web.websocket_protocol import transport_of

_log = logging.getLogger(__name__)


async def browser_publish(request: Request) -> Response:
    """Publish a ``RequestBatch``, to signed public ids only; or answer the preflight request before it."""
    if request.method == "OPTIONS":
        return preflight(request)
    services = services_of(request)
    headers = cors_headers(request)
    body = b""
    try:
        check_origin(request)
        body = await read_body(request, services.options.body_limit)
        publishes = read_browser_batch(body, services.public_receivers, services.publish_limits)
        pace = services.paces.of(transport_of(request))
        pace.take(sum(len(publish.publications) for publish in publishes))
        answer = batch_answer(await run_batch(services, publishes)).response()
        answer.headers.update(headers)
    except RefusedError as error:
        services.warn(_log, "browser publish refused: %s", error)
        answer = refusal_reply(error, headers)
    origin = request.headers.get("origin")
    services.journal.add(BrowserPublish(request.url.query, body, origin, answer.status_code))
    return answer
