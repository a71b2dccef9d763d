"""Damaged queries, bodies and tokens: refused with a sentence or read, never anything else."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from jwt import PyJWS

from bxpull_server.errors import ChannelError, QueryError, TokenError
from bxpull_server.protocol.channels import (
    MAX_CHANNELS,
    ChannelRef,
    Signer,
    is_channel_id,
    parse_channel_list,
)
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT
from bxpull_server.protocol.events import parse_event
from bxpull_server.protocol.forms import FormValue, form_list, form_text, parse_form
from bxpull_server.protocol.jsonrpc import decode_incoming
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.mids import is_mid
from bxpull_server.protocol.protobuf.frames import decode_frame
from bxpull_server.protocol.subscribe import SubscribeRequest, parse_subscribe
from bxpull_server.protocol.text import decode_text
from bxpull_server.protocol.tokens import TokenClaims, issue_token, read_token
from tests.server.fuzzing import SECRETS, as_text, decode_all, mutations

NOW = 1_790_072_438
KEY = "the key that portal and push server share"
SIGNER = Signer(KEY)
SIGNED = [SIGNER.sign(f"{SECRETS[0]}:{SECRETS[1]}"), SIGNER.sign(SECRETS[1])]
TOKEN = issue_token(KEY, issuer="host", issued_at=NOW, lifetime_s=60, subject="5", channels=SECRETS)
CHANNEL_LIST = "/".join(SIGNED).encode()
QUERIES = [
    f"CHANNEL_ID={quote('/'.join(SIGNED), safe='')}&binaryMode=true&revision=19"
    "&mid=17104941040000039740714326&tag=326&time=Tue%2C%2022%20Sep%202026%2010%3A20%3A38%20GMT&clientId=abc&hostname=portal.example".encode(),
    f"token={TOKEN}&jsonRpc=true&revision=19".encode(),
]
QUERY_TOKENS = [
    *(
        b"&",
        b"=",
        b"%",
        b"%00",
        b"%FF",
        b"%ED%A0%80",
        b"+",
        b";",
        b"#",
        b"CHANNEL_ID=",
        b"&mid=",
        b"&token=",
        b"/",
    ),
    *(b".", b":", b"true", b"false", b"\xd9\xa1", b"\xef\xbc\x91", SECRETS[0].encode()),
]
EVENTS = [
    json.dumps(event).encode()
    for event in (
        {
            "module_id": "test",
            "command": "check",
            "params": {"a": [1, 2.5, None, True], "\U0001f600": "\ud800"},
        },
        {"module_id": "main", "command": "x", "params": [], "extra": {"server_time_unix": 1790072438.151759}},
    )
]
EVENT_TOKENS = [
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
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
    ),
    *(b"9" * 5000, b"\xef\xbb\xbf", b'"params":', b'"module_id":', b"#!NGINXNME!#", b"\r\n", b"\xe2\x80\xa9"),
]
FORMS = [
    b"TAGS%5B%5D=PULL_TEST&tags[1]=b&sessid=abc&CACHE=N",
    b"USERS[]=1&USERS[]=2&a[b][c]=d&a[b][]=e&pull_guest_id=-1",
]
FORM_TOKENS = [
    b"&",
    b"=",
    b"[",
    b"]",
    b"[]",
    b"%5B",
    b"%5D",
    b"a[",
    b"[9]",
    b"[-1]",
    b"[" + b"9" * 5000 + b"]",
]


def test_a_subscription_is_read_or_refused() -> None:
    def check(_data: bytes, wanted: SubscribeRequest) -> None:
        assert (wanted.token is None) == bool(wanted.channels)
        assert len(wanted.channels) <= MAX_CHANNELS
        assert all(is_channel_id(ref.id) for ref in wanted.channels)
        assert wanted.mid is None or is_mid(wanted.mid)

    assert decode_all(
        lambda data: parse_subscribe(as_text(data)),
        mutations(QUERIES, QUERY_TOKENS),
        (QueryError, ChannelError),
        check,
        secrets=(*SECRETS, *TOKEN.split(".")[1:]),
    )


def test_channels_are_read_or_refused() -> None:
    def check(data: bytes, refs: tuple[ChannelRef, ...]) -> None:
        signed = [
            f"{ref.signed_value}.{ref.signature}" if ref.signature else ref.signed_value for ref in refs
        ]
        assert "/".join(signed) == as_text(data)

    inputs = mutations([CHANNEL_LIST], QUERY_TOKENS)
    assert decode_all(lambda data: parse_channel_list(as_text(data)), inputs, ChannelError, check)


def test_an_event_is_read_or_refused_and_every_format_can_carry_it() -> None:
    def check(data: bytes, body: str) -> None:
        assert len(body) <= len(data)
        assert carried(Message("1" * 26, SECRETS[0], body, created=NOW)) == [json.loads(body)] * 3

    assert decode_all(parse_event, mutations(EVENTS, EVENT_TOKENS), QueryError, check)


def test_an_event_with_additions_is_carried_by_every_format() -> None:
    def check(_data: bytes, body: str) -> None:
        message = Message("1" * 26, SECRETS[0], body, NOW, dictionary='{"d":[1]}', user_params='{"u":{}}')
        text, protobuf, json_rpc = carried(message)
        assert text == protobuf
        assert {"d": [1], "u": {}}.items() <= text["params"].items()
        assert json_rpc == json.loads(body)

    assert decode_all(parse_event, mutations(EVENTS, EVENT_TOKENS), QueryError, check)


def carried(message: Message) -> list[Any]:
    """The event of a message after each format has carried it."""
    [record] = decode_text(TEXT.encode(message)).records
    [outgoing] = decode_frame(PROTOBUF.encode(message)).messages
    [params] = decode_incoming(JSON_RPC.encode(message)).events
    return [record["text"], json.loads(outgoing.body), params["body"]]


def test_a_form_is_read_or_refused() -> None:
    def check(data: bytes, form: dict[str, FormValue]) -> None:
        assert len(form) <= data.count(b"&") + 1
        for key in form:
            with suppress(QueryError):
                assert isinstance(form_list(form, key), list)
            with suppress(QueryError):
                assert isinstance(form_text(form, key), str | None)

    assert decode_all(
        lambda data: parse_form(as_text(data)), mutations(FORMS, FORM_TOKENS), QueryError, check
    )


@pytest.mark.parametrize("key", [KEY, ""])
def test_no_token_with_other_claims_is_accepted(key: str) -> None:
    fields: dict[str, Any] = {"issuer": "host", "issued_at": NOW, "lifetime_s": 60, "channels": SECRETS}
    token, forged = (issue_token(one, subject="5", **fields) for one in (key, "another key"))

    def check(data: bytes, _claims: TokenClaims) -> None:
        # The same signature can be written in several ways, padded for example; what it is over cannot.
        assert as_text(data).rpartition(".")[0] == token.rpartition(".")[0]

    decode_all(
        lambda data: read_token(as_text(data), key, issuer="host", now=NOW),
        mutations([token.encode(), forged.encode()], [b".", b"=", b"eyJhbGciOiJub25lIn0"]),
        TokenError,
        check,
        secrets=token.split(".")[1:],
    )


CLAIMS = {"iss": "host", "iat": NOW, "exp": NOW + 60, "sub": "5", "chan": ",".join(SECRETS)}


def test_claims_are_read_or_refused_whatever_they_are() -> None:
    def read(data: bytes) -> object:
        return read_token(PyJWS().encode(data, KEY, "HS256"), KEY, issuer=None, now=NOW)

    assert decode_all(read, mutations([json.dumps(CLAIMS).encode()], EVENT_TOKENS), TokenError)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"&" * 60_000, id="empty fields"),
        pytest.param(b"a=1&" * 15_000, id="fields"),
        pytest.param(b"CHANNEL_ID=" + b"/" * 60_000, id="empty channels"),
        pytest.param(b"CHANNEL_ID=" + b"%" * 60_000, id="percent signs"),
        pytest.param(b"a" + b"[a]" * 20_000 + b"=1", id="a deep field"),
        pytest.param(b"a[]=1&" * 10_000, id="a long list"),
        pytest.param(b"a[]=1&" * 999 + b"a[]=1", id="a list as long as may be"),
        pytest.param(b"a[" * 30_000, id="brackets"),
        pytest.param(b"a[" + b"9" * 60_000 + b"]=1&a[]=2", id="a long index"),
        pytest.param(b"token=" + b"." * 60_000, id="a token of nothing"),
        pytest.param(b'{"module_id":"a","params":' + b"[" * 60_000, id="arrays"),
        pytest.param(b'{"module_id":"a","params":' + b"9" * 60_000 + b"}", id="a long number"),
    ],
)
def test_a_large_hostile_input_is_read_or_refused_within_bounds(data: bytes) -> None:
    text = as_text(data)
    decode_all(lambda _: parse_subscribe(text), [data], (QueryError, ChannelError))
    decode_all(lambda _: parse_channel_list(text), [data], ChannelError)
    decode_all(lambda _: parse_form(text), [data], QueryError)
    decode_all(lambda _: read_token(text, KEY, issuer=None, now=NOW), [data], TokenError)
    decode_all(parse_event, [data], QueryError)
