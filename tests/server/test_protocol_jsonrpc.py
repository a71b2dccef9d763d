"""bxpull_server.protocol.jsonrpc."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import JsonRpcError
from bxpull_server.protocol.events import make_event
from bxpull_server.protocol.jsonrpc import (
    Calls,
    ErrorCode,
    Invalid,
    JsonRpcCodec,
    Request,
    decode_incoming,
    error_response,
    join_responses,
    parse_calls,
    result_response,
)
from bxpull_server.protocol.messages import Message, Sender

CODEC = JsonRpcCodec()
MID = "17104941040000039740714326"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def message(body: str = '{"module_id":"m"}', **values: Any) -> Message:
    return Message(MID, "a" * 32, body, 1_790_072_438, **values)


def test_a_shipped_clients_request_is_read() -> None:
    text = '{"jsonrpc":"2.0","method":"getUsersLastSeen","params":{"userList":[1,2]},"id":7}'
    assert parse_calls(text) == Calls((Request("getUsersLastSeen", {"userList": [1, 2]}, 7),), batch=False)


def test_a_batch_keeps_its_order_and_drops_the_peers_own_responses() -> None:
    text = json.dumps(
        [
            {"jsonrpc": "2.0", "method": "a", "id": "x"},
            {"jsonrpc": "2.0", "result": True, "id": 1},
            {"jsonrpc": "2.0", "method": "b", "params": []},
            {"jsonrpc": "2.0", "error": {"code": 1}, "id": 2},
            {"jsonrpc": "2.0", "method": "c", "id": None},
        ]
    )
    assert parse_calls(text) == Calls(
        (Request("a", {}, "x"), Request("b", {}, None, wants_response=False), Request("c", {}, None)),
        batch=True,
        count=5,
    )


def test_a_single_response_of_the_peer_asks_for_nothing() -> None:
    assert parse_calls('{"jsonrpc":"2.0","result":1,"id":1}') == Calls((), batch=False)


@pytest.mark.parametrize(
    "text", ["", "{", "mack", "NaN", '{"a":Infinity}', "[" * 100_000, b"\xff", "9" * 5000, '{"id":1e999}']
)
def test_what_is_not_json_is_a_parse_error(text: str | bytes) -> None:
    with pytest.raises(JsonRpcError, match="not JSON") as refusal:
        parse_calls(text)
    assert refusal.value.number == ErrorCode.PARSE_ERROR


def test_an_empty_batch_is_an_invalid_request() -> None:
    with pytest.raises(JsonRpcError, match="the batch is empty") as refusal:
        parse_calls("[]")
    assert refusal.value.number == ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    ("item", "number", "call_id", "problem"),
    [
        (1, -32600, None, "must be a JSON object"),
        ("x", -32600, None, "must be a JSON object"),
        ({"method": "m", "id": 1}, -32600, 1, "jsonrpc"),
        ({"jsonrpc": 2.0, "method": "m", "id": 1}, -32600, 1, "jsonrpc"),
        ({"jsonrpc": "2.0", "id": 1}, -32600, 1, "method"),
        ({"jsonrpc": "2.0", "method": 5, "id": "a"}, -32600, "a", "method"),
        ({"jsonrpc": "2.0", "method": "m", "id": True}, -32600, None, "id"),
        ({"jsonrpc": "2.0", "method": "m", "id": [1]}, -32600, None, "id"),
        ({"jsonrpc": "2.0", "method": "m", "params": "p", "id": 1}, -32600, 1, "params"),
        ({"jsonrpc": "2.0", "method": "m", "params": None, "id": 1}, -32600, 1, "params"),
        ({"jsonrpc": "2.0", "method": "m", "params": [1], "id": 1}, -32602, 1, "by name"),
    ],
)
def test_a_bad_request_costs_only_itself(item: object, number: int, call_id: object, problem: str) -> None:
    good = {"jsonrpc": "2.0", "method": "m"}
    first, bad, last = parse_calls(json.dumps([good, item, good])).items
    assert isinstance(first, Request)
    assert isinstance(last, Request)
    assert isinstance(bad, Invalid)
    assert (bad.error.number, bad.id) == (number, call_id)
    assert problem in str(bad.error)


@given(st.text() | anything.map(json.dumps) | st.lists(anything).map(json.dumps))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        calls = parse_calls(text)
    except JsonRpcError:
        return
    assert all(isinstance(call, Request | Invalid) for call in calls.items)


def test_params_are_not_shown() -> None:
    assert "s3cret" not in repr(parse_calls('{"jsonrpc":"2.0","method":"m","params":{"a":"s3cret"}}'))


def test_responses_have_the_standards_shape() -> None:
    assert result_response(7, {"1": 0}) == '{"jsonrpc":"2.0","result":{"1":0},"id":7}'
    error = JsonRpcError(ErrorCode.METHOD_NOT_FOUND, "no such method")
    assert error_response("x", error) == (
        '{"jsonrpc":"2.0","error":{"code":-32601,"message":"no such method"},"id":"x"}'
    )


def test_responses_to_a_batch_are_an_array_and_silence_stays_silence() -> None:
    assert join_responses(["1"], batch=True) == "[1]"
    assert join_responses(["1", "2"], batch=True) == "[1,2]"
    assert join_responses(["1"], batch=False) == "1"
    assert join_responses([], batch=True) is None


def test_an_event_is_a_request_without_an_id() -> None:
    assert CODEC.encode(message(sender=Sender.CLIENT)) == (
        f'{{"jsonrpc":"2.0","method":"incoming.message","params":{{"mid":"{MID}",'
        '"body":{"module_id":"m"},"sender":{"type":1}}}'
    )


def test_additions_go_beside_the_body() -> None:
    (params,) = decode_incoming(CODEC.encode(message(dictionary='{"b":2}', user_params='{"c":3}'))).events
    assert params == {
        "mid": MID,
        "body": {"module_id": "m"},
        "sender": {"type": 2},
        "user_params": {"c": 3},
        "dictionary": {"b": 2},
    }


def test_one_event_goes_alone_and_several_as_a_batch() -> None:
    frame = CODEC.encode(message())
    assert CODEC.join([frame]) == frame
    assert json.loads(CODEC.join([frame, frame])) == [json.loads(frame)] * 2


@given(st.lists(st.dictionaries(st.text(), anything, max_size=3), min_size=1, max_size=4))
def test_events_come_back_whole_and_in_order(batch: list[dict[str, Any]]) -> None:
    bodies = [make_event("m", "c", params, {}) for params in batch]
    incoming = decode_incoming(CODEC.join(CODEC.encode(message(body)) for body in bodies))
    assert [params["body"] for params in incoming.events] == [json.loads(body) for body in bodies]
    assert incoming.others == ()


def test_responses_among_events_are_told_apart() -> None:
    response = result_response(1, "pong")
    bare = {"method": "incoming.message"}
    incoming = decode_incoming(f"[{response},{CODEC.encode(message())},3,{json.dumps(bare)}]")
    assert len(incoming.events) == 1
    assert incoming.others == (json.loads(response), 3, bare)


@pytest.mark.parametrize("text", ["ping", "[" * 100_000])
def test_a_text_that_is_not_json_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Expecting value|^nested too deeply"):
        decode_incoming(text)


def test_of_a_batch_that_is_too_long_only_requests_are_built() -> None:
    call = {"jsonrpc": "2.0", "method": "x", "id": 1}
    calls = parse_calls(json.dumps([1, {}, {"method": 1}, call]), most=3)
    assert [item.id for item in calls.items] == [1]
    assert calls.count == 4
