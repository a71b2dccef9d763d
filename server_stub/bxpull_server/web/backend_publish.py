"""``/bitrix/pub/``: publishing of back ends for server versions 1 to 4, and who listens.

Versions 1 to 3 post one event for the channels of ``CHANNEL_ID``, version 4 (``binaryMode=true``) a protobuf
``RequestBatch``. Whoever reaches this address is trusted; a signature must be right if there is one.
"""

import hmac
import logging
import re
from functools import lru_cache

from bxpull_server.errors import ClientIdError, QueryError, RefusedError
from bxpull_server.journal import PublishRequest
from bxpull_server.protocol.events import parse_event
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, MAX_EXPIRY_S
from bxpull_server.protocol.publications import Publication
from bxpull_server.protocol.publish_batch import read_backend_batch
from bxpull_server.web.backend_request import BackendRequest
from bxpull_server.web.batches import batch_answer, run_batch
from bxpull_server.web.cors import check_page
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.queries import read_params
from bxpull_server.web.refusals import refusal_answer
from bxpull_server.web.replies import JSON, Reply, json_answer
from bxpull_server.web.statistics import channel_numbers

_EXPIRY = re.compile(r"[0-9]{1,10}", re.ASCII)
_log = logging.getLogger(__name__)


async def backend_publish(request: BackendRequest) -> Reply:
    """POST: publish the body. GET: who listens to ``CHANNEL_ID``."""
    services = request.services
    body = b""
    try:
        check_page(services, request.headers)
        if request.method == "POST":
            body = await request.read_body()
            reply = await _publish(request, body)
        else:
            channels = services.publish_targets.channels_of(request.query)
            reply = json_answer({"infos": await channel_numbers(services, channels)})
    except RefusedError as error:
        services.warn(_log, "back end's request refused: %s", error)
        reply = refusal_answer(error)
    services.journal.add(PublishRequest(request.method, request.query, body, reply.status))
    return reply


async def _publish(request: BackendRequest, body: bytes) -> Reply:
    services = request.services
    target = services.publish_targets.of(request.query)
    if target.binary:
        _check_sender(request, body)
        commands = read_backend_batch(body, services.trusted_receivers, services.publish_limits)
        return batch_answer(await run_batch(services, commands))
    expiry = _expiry(request.headers.get("message-expiry"))
    event = parse_event(body)
    services.publish_limits.check_size(event)
    done = await publish_one(services, Publication(event, target.channels, expiry=expiry))
    # It is digits: json.dumps costs more than all the rest of an answer.
    return Reply(200, f'{{"mid":"{done.mid}","delivered":{done.delivered}}}'.encode(), JSON)


def _check_sender(request: BackendRequest, body: bytes) -> None:
    services, params = request.services, read_params(request.query)
    shared = services.portal.profile(0).shared
    services.portal.signer.check_body(body, params.get("signature"), required=shared)
    client_id = params.get("clientId")
    if client_id and not hmac.compare_digest(client_id.encode(), services.portal.client_id.encode()):
        raise ClientIdError("clientId is not this portal's: set the option client_id, or leave it out")


@lru_cache(maxsize=64)
def _expiry(header: str | None) -> int:
    if header is None:
        return DEFAULT_EXPIRY_S
    if not _EXPIRY.fullmatch(header) or int(header) > MAX_EXPIRY_S:
        raise QueryError(f"Message-Expiry must be whole seconds from 0 to {MAX_EXPIRY_S}")
    return int(header)
