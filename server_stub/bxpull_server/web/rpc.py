"""Answering JSON-RPC texts by tables of methods."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bxpull_server.errors import (
    EventError,
    JsonRpcError,
    PublishRefusedError,
    RateError,
    StoppingError,
)
from bxpull_server.protocol.jsonrpc import (
    Calls,
    ErrorCode,
    Invalid,
    Request,
    error_response,
    join_responses,
    parse_calls,
    result_response,
)
from bxpull_server.protocol.publications import DEFAULT_LIMITS, PublishLimits
from bxpull_server.protocol.publish_rpc import check_limits
from bxpull_server.web.pace import Pace

Methods = Mapping[str, Callable[[Mapping[str, Any]], Awaitable[object]]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RpcAnswer:
    """What is said to one text.

    Attributes:
        text: A response or an array of them; None: nothing, since all were notifications.
        refused: Nothing was done: the text could not be read, or asked for too much at once.
    """

    text: str | None
    refused: bool = False


async def answer_text(
    text: str | bytes, methods: Methods, limits: PublishLimits = DEFAULT_LIMITS, pace: Pace | None = None
) -> RpcAnswer:
    """Do what a text asks for, one request after another.

    Args:
        text: The text.
        methods: What can be asked for.
        limits: How much may be asked for at once.
        pace: How often; None: as often as one likes.

    Raises:
        RateError: What is no JSON-RPC, or asks for too much at once, comes too often.
    """
    try:
        calls = parse_calls(text, limits.messages)
    except JsonRpcError as error:
        if pace is not None:
            pace.take(1)
        return RpcAnswer(error_response(None, error), refused=True)
    try:
        check_limits(calls, limits)
    except PublishRefusedError as error:
        if pace is not None:
            pace.spend(calls.count)
        return _refuse_all(calls, JsonRpcError(ErrorCode.INVALID_REQUEST, str(error)))
    try:
        if pace is not None:
            pace.take(len(calls.items))
    except RateError as error:
        return _refuse_all(calls, JsonRpcError(ErrorCode.INVALID_REQUEST, str(error)))
    responses = [await _answer(call, methods) for call in calls.items]
    return RpcAnswer(
        join_responses((response for response in responses if response is not None), batch=calls.batch)
    )


def _refuse_all(calls: Calls, error: JsonRpcError) -> RpcAnswer:
    """Tell every request by its id, so that none is waited for; all that is none is told once.

    A part that is no request has two bytes, and an answer has a hundred. Notifications are not answered, but
    who sent nothing else is to know, too, that nothing was done.
    """
    requests = [call for call in calls.items if isinstance(call, Request)]
    responses = [error_response(call.id, error) for call in requests if call.wants_response]
    if len(requests) < calls.count or not responses:
        responses.append(error_response(None, error))
    return RpcAnswer(join_responses(responses, batch=calls.batch), refused=True)


async def _answer(call: Request | Invalid, methods: Methods) -> str | None:
    if isinstance(call, Invalid):
        return error_response(call.id, call.error) if call.wants_response else None
    try:
        response = result_response(call.id, await _run(call, methods))
    except JsonRpcError as error:
        response = error_response(call.id, error)
    return response if call.wants_response else None


async def _run(call: Request, methods: Methods) -> object:
    method = methods.get(call.method)
    if method is None:
        known = ", ".join(methods)
        raise JsonRpcError(ErrorCode.METHOD_NOT_FOUND, f"there is no such method; known are {known}")
    try:
        return await method(call.params)
    except JsonRpcError:
        raise
    except EventError as error:
        raise JsonRpcError(ErrorCode.INVALID_PARAMS, str(error)) from None
    except StoppingError as error:
        raise JsonRpcError(ErrorCode.INTERNAL_ERROR, str(error)) from None
    except Exception as error:  # a defect here must not cost the peer its connection
        _log.exception("method %s failed", call.method)
        raise JsonRpcError(ErrorCode.INTERNAL_ERROR, "the server failed: see its log") from error
