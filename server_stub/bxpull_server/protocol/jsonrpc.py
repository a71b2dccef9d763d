"""JSON-RPC 2.0, the format of server version 5: requests in, responses out, events as requests to browsers.

An event is a request without an id: the browser answers with the plain text ``mack:<mid>``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from bxpull_server.errors import JsonRpcError
from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.strict_json import load_json

INCOMING = "incoming.message"
PING = "ping"
PONG = "pong"

Id = str | int | float | None


class ErrorCode(IntEnum):
    """Codes of JSON-RPC errors."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603


@dataclass(frozen=True, slots=True)
class Request:
    """A call.

    Attributes:
        method: Name of the method.
        params: By name; empty if there are none.
        id: What the response repeats.
        wants_response: False for a notification, which has no id.
    """

    method: str
    params: Mapping[str, Any] = field(repr=False)
    id: Id = None
    wants_response: bool = True


@dataclass(frozen=True, slots=True)
class Invalid:
    """A part of a batch that is no request; it costs only itself.

    Attributes:
        error: What is wrong with it.
        id: Its id if it has a usable one.
        wants_response: False for a notification that is only for another server.
    """

    error: JsonRpcError
    id: Id = None
    wants_response: bool = True


@dataclass(frozen=True, slots=True)
class Calls:
    """What one text asked for.

    Attributes:
        items: In order. Responses of the peer are left out: there is nothing to do about them.
        batch: It was an array, so the responses are one, too.
        count: Parts of the text, whatever they are.
    """

    items: tuple[Request | Invalid, ...]
    batch: bool
    count: int = 1


def parse_calls(text: str | bytes, most: int | None = None) -> Calls:
    """Parse a request or a batch of them.

    Args:
        text: The text.
        most: Of a batch with more parts only the requests are there: it will be refused, and what is none has
            two bytes and costs a microsecond. None: there is no such limit.

    Raises:
        JsonRpcError: Not JSON, neither object nor array, or an empty array.
    """
    try:
        value = load_json(text)
    except ValueError:
        raise JsonRpcError(ErrorCode.PARSE_ERROR, "the request is not JSON") from None
    if isinstance(value, list):
        if not value:
            raise JsonRpcError(ErrorCode.INVALID_REQUEST, "the batch is empty")
        if most is not None and len(value) > most:
            requests = (call for item in value if "method" in _members(item) and (call := _call(item)))
            return Calls(tuple(call for call in requests if isinstance(call, Request)), True, len(value))
        items = tuple(call for item in value if (call := _call(item)) is not None)
        return Calls(items, batch=True, count=len(value))
    call = _call(value)
    return Calls((call,) if call is not None else (), batch=False)


def _members(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _call(value: object) -> Request | Invalid | None:
    if not isinstance(value, dict):
        return _invalid(None, "a request must be a JSON object")
    call_id = value.get("id")
    if isinstance(call_id, bool) or not isinstance(call_id, str | int | float | None):
        return _invalid(None, "the id must be a text, a number or null")
    if value.get("jsonrpc") != "2.0":
        return _invalid(call_id, 'the member jsonrpc must be "2.0"')
    method = value.get("method")
    if method is None and ("result" in value or "error" in value):
        return None
    if not isinstance(method, str):
        return _invalid(call_id, "the member method must be a text")
    params = value.get("params", {})
    if params == []:  # an empty PHP array
        params = {}
    if isinstance(params, list):
        error = JsonRpcError(ErrorCode.INVALID_PARAMS, "params must be given by name")
        return Invalid(error, call_id, wants_response="id" in value)
    if not isinstance(params, dict):
        return _invalid(call_id, "params must be an object")
    return Request(method, params, call_id, wants_response="id" in value)


def _invalid(call_id: Id, problem: str) -> Invalid:
    return Invalid(JsonRpcError(ErrorCode.INVALID_REQUEST, problem), call_id)


def result_response(call_id: Id, result: object) -> str:
    """The response to a request that was done."""
    return dump_json({"jsonrpc": "2.0", "result": result, "id": call_id})


def error_response(call_id: Id, error: JsonRpcError) -> str:
    """The response to a request that was refused."""
    return dump_json(
        {"jsonrpc": "2.0", "error": {"code": int(error.number), "message": str(error)}, "id": call_id}
    )


def join_responses(responses: Iterable[str], *, batch: bool) -> str | None:
    """One text from the responses to one text; None if there is nothing to say."""
    texts = list(responses)
    if not texts:
        return None
    return f"[{','.join(texts)}]" if batch else texts[0]


class JsonRpcCodec:
    """Encodes messages as JSON-RPC requests."""

    name = "json-rpc"

    def encode(self, message: Message) -> str:
        """One frame."""
        added = ""
        if message.user_params is not None:
            added += f',"user_params":{message.user_params}'
        if message.dictionary is not None:
            added += f',"dictionary":{message.dictionary}'
        return (
            f'{{"jsonrpc":"2.0","method":"{INCOMING}","params":{{"mid":"{message.mid}",'
            f'"body":{message.body},"sender":{{"type":{message.sender:d}}}{added}}}}}'
        )

    def join(self, frames: Iterable[str]) -> str:
        """One WebSocket message from many frames: a batch, unless there is only one."""
        texts = list(frames)
        return texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a text from the server held.

    Attributes:
        events: The params of every ``incoming.message``, in order.
        others: Everything else, as it is: responses, and what is no event.
    """

    events: tuple[dict[str, Any], ...]
    others: tuple[Any, ...]


def decode_incoming(text: str) -> Incoming:
    """Take a text of the server apart, as a browser does.

    Raises:
        ValueError: It is not JSON.
    """
    value = load_json(text)
    events: list[dict[str, Any]] = []
    others: list[Any] = []
    for item in value if isinstance(value, list) else [value]:
        params = item.get("params") if isinstance(item, dict) and item.get("method") == INCOMING else None
        if isinstance(params, dict):
            events.append(params)
        else:
            others.append(item)
    return Incoming(tuple(events), tuple(others))
