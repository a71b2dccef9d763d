"""How a refusal is said: as a WebSocket close code, or as an HTTP status."""

from collections.abc import Mapping

from starlette.responses import Response

from bxpull_server.connection import CloseOrder
from bxpull_server.errors import (
    ClientIdError,
    EventTooLargeError,
    PublishRefusedError,
    PushServerError,
    RateError,
    RefusedError,
    SignatureError,
    StaleChannelError,
    StoppingError,
    TokenError,
    TooManyConnectionsError,
    VersionError,
)
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.web.cors import ForbiddenOriginError
from bxpull_server.web.hosts import ForbiddenHostError
from bxpull_server.web.replies import BodyFormatError, BodyTooLargeError, Reply, text_answer, text_reply

_STATUS: dict[type[PushServerError], int] = {
    BodyFormatError: 415,
    BodyTooLargeError: 413,
    ClientIdError: 403,
    EventTooLargeError: 413,
    ForbiddenHostError: 403,
    ForbiddenOriginError: 403,
    RateError: 429,
    SignatureError: 403,
    StoppingError: 503,
    StaleChannelError: 403,
    TokenError: 403,
    TooManyConnectionsError: 429,
    VersionError: 403,
}
_FORBIDDEN = frozenset(
    {
        CloseCode.NO_PUBLIC_CHANNEL,
        CloseCode.COMMAND_NOT_ALLOWED,
        CloseCode.PRIVATE_CHANNEL_NOT_ALLOWED,
        CloseCode.INVALID_CHANNEL_SIGNATURE,
    }
)


def refusal_status(error: PushServerError) -> int:
    """The HTTP status of a refusal: 403 for what is not allowed, 400 for what cannot be understood."""
    if isinstance(error, PublishRefusedError):
        return 403 if error.close_code in _FORBIDDEN else 400
    return _STATUS.get(type(error), 400)


def refusal_answer(error: RefusedError) -> Reply:
    """The HTTP answer: one sentence; what a publisher is refused begins with the close code."""
    return text_answer(_sentence(error), refusal_status(error))


def refusal_reply(error: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """:func:`refusal_answer` for Starlette, with further headers."""
    return text_reply(_sentence(error), refusal_status(error), headers)


def _sentence(error: RefusedError) -> str:
    code = f"{error.close_code:d} " if isinstance(error, PublishRefusedError) else ""
    return f"{code}{error}"


def refusal_order(error: RefusedError) -> CloseOrder:
    """How a WebSocket is closed."""
    match error:
        case PublishRefusedError():
            code = error.close_code
        case ForbiddenOriginError() | ForbiddenHostError():
            code = CloseCode.POLICY_VIOLATION
        case RateError():
            code = CloseCode.TRY_AGAIN_LATER
        case TooManyConnectionsError():
            code = CloseCode.TOO_MANY_CONNECTIONS
        case _:
            code = CloseCode.WRONG_CHANNEL_ID
    return CloseOrder(int(code), str(error))
