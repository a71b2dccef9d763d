"""Damaged text frames and JSON-RPC: refused with a sentence or read, never anything else."""

import json
from contextlib import suppress

import pytest

from bxpull_server.errors import JsonRpcError
from bxpull_server.protocol.jsonrpc import (
    Calls,
    Incoming,
    Invalid,
    JsonRpcCodec,
    Request,
    decode_incoming,
    error_response,
    join_responses,
    parse_calls,
    result_response,
)
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.mids import is_mid
from bxpull_server.protocol.receipts import acknowledged_mid
from bxpull_server.protocol.text import END, START, Decoded, TextCodec, decode_text
from tests.server.fuzzing import CASES, SECRETS, as_text, decode_all, mutations

EVENTS = (
    '{"module_id":"test","command":"check","params":{"text":"\\u00e4\\ud83d\\ude00"},"extra":{}}',
    '{"module_id":"main","command":"x","params":[],"extra":{"n":[1.5e3,-0,null,true,{"":""}]}}',
    json.dumps({"module_id": "test", "command": "marks", "params": [START, END, "\u2028\n"]}),
)
MESSAGES = [
    Message(f"{number:026d}", SECRETS[0], body, created=1_790_072_438, user_params=extra, dictionary=extra)
    for number, (body, extra) in enumerate(zip(EVENTS, (None, '{"a":1}', None), strict=True))
]
JSON_TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b",",
        b":",
        b"\\",
        b"\\ud800",
        b"null",
        b"true",
        b"NaN",
        b"Infinity",
        b"-0",
    ),
    *(
        b"1e999",
        b"9" * 5000,
        b'"id":1.5',
        b'"id":{}',
        b'"params":7',
        b'"jsonrpc":2',
        b'"method":null',
        b'"2.0"',
    ),
]

TEXT = TextCodec()
GOOD = TEXT.encode(MESSAGES[0])
TEXT_INPUTS = [TEXT.join(map(TEXT.encode, MESSAGES)).encode(), GOOD.encode()]
TEXT_TOKENS = [START.encode(), END.encode(), START[:-1].encode(), *JSON_TOKENS]

JSON_RPC = JsonRpcCodec()
INCOMING = [JSON_RPC.encode(MESSAGES[0]).encode(), JSON_RPC.join(map(JSON_RPC.encode, MESSAGES)).encode()]
PUBLISH = {"channelList": list(SECRETS), "userList": [1, -1], "body": json.loads(EVENTS[0]), "expiry": 60}
CALLS = [
    {"jsonrpc": "2.0", "id": 7, "method": "publish", "params": PUBLISH},
    {"jsonrpc": "2.0", "id": "a", "method": "getUsersLastSeen", "params": {"userList": [1, 2]}},
    {"jsonrpc": "2.0", "method": "ping", "params": []},
    {"jsonrpc": "2.0", "id": None, "result": 1},
]
REQUESTS = [json.dumps(value).encode() for value in (*CALLS, CALLS)]
REQUESTS.append(b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}')


def test_a_text_payload_is_always_read() -> None:
    def check(data: bytes, decoded: Decoded) -> None:
        assert decoded.damaged + len(decoded.records) <= as_text(data).count(START)

    inputs = mutations(TEXT_INPUTS, TEXT_TOKENS)
    assert decode_all(lambda data: decode_text(as_text(data)), inputs, check=check) == CASES


def test_a_good_text_frame_is_read_after_a_damaged_one_in_the_same_payload() -> None:
    [good] = decode_text(GOOD).records
    for data in mutations(TEXT_INPUTS, TEXT_TOKENS):
        assert decode_text(as_text(data) + GOOD).records[-1] == good, data


def test_requests_are_read_or_refused() -> None:
    def check(_data: bytes, calls: Calls) -> None:
        for item in calls.items:
            # Whatever the id is, there is an answer with it.
            error = error_response(item.id, item.error) if isinstance(item, Invalid) else ""
            json.loads(join_responses([error or result_response(item.id, None)], batch=calls.batch) or "")

    assert decode_all(parse_calls, mutations(REQUESTS, JSON_TOKENS), JsonRpcError, check)


def test_requests_that_are_text_already_are_read_or_refused_alike() -> None:
    inputs = mutations(REQUESTS, JSON_TOKENS)
    assert decode_all(lambda data: parse_calls(as_text(data)), inputs, JsonRpcError)


def test_a_damaged_request_in_a_batch_costs_only_itself() -> None:
    for data in mutations(REQUESTS, JSON_TOKENS):
        item = json_text(data)
        if item is not None:
            calls = parse_calls(f"[{item},{REQUESTS[0].decode()}]")
            assert calls.items[-1] == Request("publish", PUBLISH, 7)


def json_text(data: bytes) -> str | None:
    """The data again if it is JSON."""
    with suppress(ValueError, RecursionError):
        return json.dumps(json.loads(as_text(data)), allow_nan=False)
    return None


def test_what_servers_send_is_read_or_refused() -> None:
    def check(_data: bytes, incoming: Incoming) -> None:
        assert all(isinstance(event, dict) for event in incoming.events)

    inputs = mutations(INCOMING, JSON_TOKENS)
    assert decode_all(lambda data: decode_incoming(as_text(data)), inputs, ValueError, check)


def test_only_a_mid_is_acknowledged() -> None:
    def check(data: bytes, mid: str) -> None:
        assert not mid or (is_mid(mid) and as_text(data) == f"mack:{mid}")

    def read(data: bytes) -> str:
        return acknowledged_mid(as_text(data)) or ""

    inputs = mutations([b"mack:17104941040000039740714326", b"pong"], [b"mack:"])
    assert decode_all(read, inputs, check=check) == CASES


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[" * 60_000, id="arrays"),
        pytest.param(b'{"a":' * 12_000, id="objects"),
        pytest.param(b"[" + b"{}," * 5_000 + b"{}]", id="a batch of nothing"),
        pytest.param(b"9" * 60_000, id="a long number"),
        pytest.param(b'{"a":1,"a":1' + b',"a":1' * 10_000 + b"}", id="one key"),
        pytest.param(START.encode() * 5_000, id="beginnings"),
        pytest.param((START + END).encode() * 3_000, id="empty frames"),
        pytest.param(b'"' + b"\\ud800" * 10_000 + b'"', id="surrogates"),
    ],
)
def test_a_large_hostile_text_is_read_or_refused_within_bounds(data: bytes) -> None:
    decode_all(lambda data: decode_text(as_text(data)), [data, START.encode() + data + END.encode()])
    decode_all(parse_calls, [data], JsonRpcError)
    decode_all(lambda data: decode_incoming(as_text(data)), [data], ValueError)
