"""bxpull_server.web.refusals."""

import pytest

from bxpull_server.errors import (
    ChannelError,
    ClientIdError,
    PublishRefusedError,
    QueryError,
    RefusedError,
    SignatureError,
    StaleChannelError,
    TokenError,
    TooManyConnectionsError,
)
from bxpull_server.web.cors import ForbiddenOriginError
from bxpull_server.web.refusals import refusal_order, refusal_reply
from bxpull_server.web.replies import BodyFormatError, BodyTooLargeError


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (QueryError("no"), 400, 4010),
        (ChannelError("no"), 400, 4010),
        (SignatureError("no"), 403, 4010),
        (TokenError("no"), 403, 4010),
        (StaleChannelError("no"), 403, 4010),
        (ClientIdError("no"), 403, 4010),
        (ForbiddenOriginError("no"), 403, 1008),
        (TooManyConnectionsError("no"), 429, 4029),
        (BodyTooLargeError("no"), 413, 4010),
        (BodyFormatError("no"), 415, 4010),
    ],
)
def test_a_refusal_is_a_status_or_a_close_code(error: RefusedError, status: int, code: int) -> None:
    assert (refusal_reply(error).status_code, refusal_reply(error).body) == (status, b"no\n")
    assert (refusal_order(error).code, refusal_order(error).reason) == (code, "no")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (4012, 403),
        (4013, 400),
        (4014, 403),
        (4015, 400),
        (4016, 400),
        (4017, 400),
        (4018, 400),
        (4019, 400),
        (4020, 403),
        (4021, 403),
    ],
)
def test_a_refused_publish_names_its_close_code_over_http_too(code: int, status: int) -> None:
    answer = refusal_reply(PublishRefusedError(code, "no"), {"X-Test": "1"})
    assert (answer.status_code, answer.body) == (status, f"{code} no\n".encode())
    assert answer.headers["x-test"] == "1"
    assert refusal_order(PublishRefusedError(code, "no")).code == code
