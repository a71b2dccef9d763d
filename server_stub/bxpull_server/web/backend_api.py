"""``/bitrix/api/``: the JSON-RPC endpoint of back ends for server version 5.

Every request names its ``hostId`` and is signed over its body. Any ``hostId`` is taken: the signature says
who may ask.
"""

import logging
from collections.abc import Mapping
from typing import Any

from bxpull_server.errors import QueryError, RefusedError
from bxpull_server.journal import ApiRequest
from bxpull_server.protocol.publish_rpc import PUBLISH, read_backend_publish, read_last_seen, read_users
from bxpull_server.web.backend_request import BackendRequest
from bxpull_server.web.cors import check_page
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.queries import read_params
from bxpull_server.web.refusals import refusal_answer
from bxpull_server.web.replies import JSON, Reply
from bxpull_server.web.rpc import Methods, answer_text
from bxpull_server.web.services import Services

Params = Mapping[str, Any]
_log = logging.getLogger(__name__)


async def backend_api(request: BackendRequest) -> Reply:
    """Answer a JSON-RPC request or batch; 400 if nothing of it was done, 204 if there is nothing to say."""
    services = request.services
    body = b""
    try:
        check_page(services, request.headers)
        body = await request.read_body()
        _check_sender(request, body)
    except RefusedError as error:
        services.warn(_log, "API request refused: %s", error)
        reply = refusal_answer(error)
    else:
        said = await answer_text(body, backend_methods(services), services.publish_limits)
        if said.text is None:
            reply = Reply(204)
        else:
            reply = Reply(400 if said.refused else 200, said.text.encode(), JSON)
    services.journal.add(ApiRequest(request.query, body, reply.status))
    return reply


def _check_sender(request: BackendRequest, body: bytes) -> None:
    params = read_params(request.query)
    request.services.portal.signer.check_body(body, params.get("signature"), required=True)
    if not params.get("hostId"):
        raise QueryError("hostId is missing: name the host that asks in the query")


def backend_methods(services: Services) -> Methods:
    """What a back end may call."""
    presence = services.hub.presence

    async def publish(params: Params) -> object:
        publication = read_backend_publish(params, services.trusted_receivers, services.publish_limits)
        done = await publish_one(services, publication)
        return {"mid": done.mid, "delivered": done.delivered}

    async def last_seen(params: Params) -> object:
        users = read_users(params.get("userList"), "userList")
        return {str(user): seconds for user, seconds in presence.last_seen(users).items()}

    async def update_last_seen(params: Params) -> object:
        for user, moment in read_last_seen(params).items():
            presence.set_last_seen(user, moment)
        return True

    return {PUBLISH: publish, "getUsersLastSeen": last_seen, "updateUsersLastSeen": update_last_seen}
