"""``/bitrix/api/``: the JSON-RPC endpoint of back ends for server version 5.

Every request names its ``hostId`` and is signed over its body. Any ``hostId`` is taken: the signature says
who may ask.
"""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.errors import QueryError, RefusedError
from bxpull_server.journal import ApiRequest
from bxpull_server.protocol.publish_rpc import PUBLISH, read_backend_publish, read_last_seen, read_users
from bxpull_server.protocol.receivers import TrustedReceivers
from bxpull_server.web.cors import check_origin
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.refusals import refusal_reply
from bxpull_server.web.replies import NO_STORE, read_body
from bxpull_server.web.rpc import Methods, answer_text
from bxpull_server.web.services import Services, services_of

Params = Mapping[str, Any]
_log = logging.getLogger(__name__)


async def backend_api(request: Request) -> Response:
    """Answer a JSON-RPC request or batch; 400 if nothing of it was done, 204 if there is nothing to say."""
    services = services_of(request)
    body = b""
    try:
        check_origin(request)
        body = await read_body(request, services.options.body_limit)
        _check_sender(services, request, body)
    except RefusedError as error:
        services.warn(_log, "API request refused: %s", error)
        answer = refusal_reply(error)
    else:
        said = await answer_text(body, backend_methods(services), services.publish_limits)
        if said.text is None:
            answer = Response(status_code=204, headers=NO_STORE)
        else:
            status = 400 if said.refused else 200
            answer = Response(said.text.encode(), status, NO_STORE, media_type="application/json")
    services.journal.add(ApiRequest(request.url.query, body, answer.status_code))
    return answer


def _check_sender(services: Services, request: Request, body: bytes) -> None:
    services.portal.signer.check_body(body, request.query_params.get("signature"), required=True)
    if not request.query_params.get("hostId"):
        raise QueryError("hostId is missing: name the host that asks in the query")


def backend_methods(services: Services) -> Methods:
    """What a back end may call."""
    receivers = TrustedReceivers(services.portal.signer)
    presence = services.hub.presence

    async def publish(params: Params) -> object:
        done = await publish_one(services, read_backend_publish(params, receivers, services.publish_limits))
        return {"mid": done.mid, "delivered": done.delivered}

    async def last_seen(params: Params) -> object:
        users = read_users(params.get("userList"), "userList")
        return {str(user): seconds for user, seconds in presence.last_seen(users).items()}

    async def update_last_seen(params: Params) -> object:
        for user, moment in read_last_seen(params).items():
            presence.set_last_seen(user, moment)
        return True

    return {PUBLISH: publish, "getUsersLastSeen": last_seen, "updateUsersLastSeen": update_last_seen}
