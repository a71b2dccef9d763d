"""Answers in the forms the routes use."""

from collections.abc import Mapping
from dataclasses import field, replace

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.errors import RefusedError
from bxpull_server.protocol.events import dump_json
from bxpull_server.value import value

JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store"}


class BodyTooLargeError(RefusedError):
    """A request body is over the limit; answered with status 413."""

    code = "body_too_large"


class BodyFormatError(RefusedError):
    """A request body is compressed or of a type that is not read here; answered with status 415."""

    code = "body_format"


@value
class Reply:
    """An answer, whichever way it goes.

    Attributes:
        status: HTTP status.
        content: The body.
        media_type: What it is; None: there is none.
        headers: Further ones.
    """

    status: int
    content: bytes = b""
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NO_STORE)

    def response(self) -> Response:
        """It for Starlette."""
        return Response(self.content, self.status, self.headers, self.media_type)


def json_answer(content: object, status: int = 200) -> Reply:
    """A JSON answer that nobody caches."""
    return Reply(status, dump_json(content).encode(), JSON)


def text_answer(sentence: str, status: int) -> Reply:
    """A plain text answer that nobody caches."""
    return Reply(status, f"{sentence}\n".encode("utf-8", "replace"), _TEXT)


def json_reply(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """:func:`json_answer` for Starlette, with further headers."""
    return _with(json_answer(content, status), headers)


def text_reply(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """:func:`text_answer` for Starlette, with further headers."""
    return _with(text_answer(sentence, status), headers)


def _with(reply: Reply, headers: Mapping[str, str] | None) -> Response:
    return replace(reply, headers={**reply.headers, **(headers or {})}).response()


def media_type(request: Request) -> str:
    """The body's type in lower case and without parameters; "" if the request does not say."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, limit: int, option: str = "body_limit") -> bytes:
    """The request's body.

    Args:
        request: The request.
        limit: Bytes it may have.
        option: Which option says so; "": none.

    Raises:
        BodyTooLargeError: More than ``limit`` bytes.
        BodyFormatError: It is compressed.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise BodyFormatError("the body is compressed: send it as it is, without Content-Encoding")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise BodyTooLargeError(
                f"the body is larger than {limit} bytes{f' ({option})' if option else ''}"
            )
        parts.append(part)
    return b"".join(parts)
