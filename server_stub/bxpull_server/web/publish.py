"""The back end's side: ``/bitrix/pub/`` (publish, channel statistics) and ``/server-stat/``."""

import re

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server import __version__
from bxpull_server.errors import QueryError, RefusedError
from bxpull_server.journal import PublishRequest
from bxpull_server.protocol.channels import ChannelRef, parse_channel_list
from bxpull_server.protocol.events import parse_event
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, MAX_EXPIRY_S
from bxpull_server.web.cors import ForbiddenOriginError, check_origin
from bxpull_server.web.replies import BodyTooLargeError, json_reply, read_body, text_reply
from bxpull_server.web.services import Services, services_of

_STATUS: dict[type[RefusedError], int] = {BodyTooLargeError: 413, ForbiddenOriginError: 403}
_EXPIRY = re.compile(r"[0-9]{1,10}", re.ASCII)


async def publish(request: Request) -> Response:
    """POST: publish the body to ``CHANNEL_ID``. GET: who listens there."""
    services = services_of(request)
    if request.method != "POST":
        return await _statistics(services, request)
    body = b""
    try:
        check_origin(request)
        body = await read_body(request, services.options.body_limit)
        refs = _channels(services, request)
        event = parse_event(body)
        expiry = _expiry(request.headers.get("message-expiry"))
    except RefusedError as error:
        status = _STATUS.get(type(error), 400)
        answer = text_reply(str(error), status)
    else:
        done = await services.hub.publish([ref.id for ref in refs], event, expiry=expiry)
        answer = json_reply({"mid": done.mid, "delivered": done.delivered})
    services.journal.add(PublishRequest(request.url.query, body, answer.status_code))
    return answer


async def _statistics(services: Services, request: Request) -> Response:
    try:
        refs = _channels(services, request)
    except RefusedError as error:
        return text_reply(str(error), 400)
    infos = [
        {
            "channel": ref.id,
            "subscribers": services.hub.subscribers(ref.id),
            "stored_messages": await services.hub.store.count(ref.id),
        }
        for ref in refs
    ]
    return json_reply({"infos": infos})


def _channels(services: Services, request: Request) -> tuple[ChannelRef, ...]:
    refs = parse_channel_list(request.query_params.get("CHANNEL_ID", ""))
    for ref in refs:
        services.portal.signer.check(ref, required=False)
    return refs


def _expiry(header: str | None) -> int:
    if header is None:
        return DEFAULT_EXPIRY_S
    if not _EXPIRY.fullmatch(header) or int(header) > MAX_EXPIRY_S:
        raise QueryError(f"Message-Expiry must be whole seconds from 0 to {MAX_EXPIRY_S}")
    return int(header)


async def server_stat(request: Request) -> Response:
    """Numbers about this server, nothing secret."""
    services = services_of(request)
    hub = services.hub
    return json_reply(
        {
            "server": "bxpull",
            "version": __version__,
            "server_version": services.portal.version,
            "uptime": round(services.clock.monotonic() - services.started, 3),
            "connections": len(hub.connections),
            "channels": hub.channel_count,
            "published": hub.published,
            "delivered": hub.delivered,
        }
    )
