"""Requests that steer the server with a JSON object: who may make them, and what is in them.

A page of another site cannot use them through a developer's browser: a foreign ``Origin`` is refused, and a
body must be declared as JSON, which needs a preflight nobody answers.
"""

import json

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.errors import PushServerError, QueryError
from bxpull_server.web.control_fields import Fields
from bxpull_server.web.refusals import refusal_status
from bxpull_server.web.replies import JSON, BodyFormatError, json_reply, media_type, read_body


class ForbiddenError(PushServerError):
    """Who asks may not ask this.

    Attributes:
        status: The HTTP status of the answer.
    """

    code = "forbidden"

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def refuse_foreign_pages(request: Request, what: str) -> None:
    """Refuse pages of other origins.

    Args:
        request: The request.
        what: What they may not use, for the sentence.

    Raises:
        ForbiddenError: It is one of those.
    """
    origin = request.headers.get("origin")
    foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise ForbiddenError(403, f"{what} is not for pages of other origins")


async def read_fields(request: Request, limit: int, option: str = "") -> Fields:
    """The body's fields.

    Args:
        request: The request.
        limit: Bytes that the body may have.
        option: Which option says so; "": none.

    Raises:
        BodyFormatError: It is not declared as JSON, or compressed.
        BodyTooLargeError: It has more bytes.
        QueryError: It is no JSON object.
    """
    if media_type(request) != JSON:
        raise BodyFormatError(f"send the body as JSON, with Content-Type: {JSON}")
    body = await read_body(request, limit, option)
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise QueryError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise QueryError("the body must be a JSON object")
    return Fields(fields)


def json_refusal(error: PushServerError) -> Response:
    """The answer to a request that is refused."""
    status = error.status if isinstance(error, ForbiddenError) else refusal_status(error)
    return json_reply({"error": error.code, "error_description": str(error)}, status)
