"""bxpull_server.protocol.subscribe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import RefusedError
from bxpull_server.protocol.channels import ChannelRef
from bxpull_server.protocol.subscribe import SubscribeRequest, parse_subscribe

A, B = "a" * 32, "b" * 32
MID = "17104941040000039740714326"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (
            f"CHANNEL_ID={A}.ff%2F{B}&revision=19",
            SubscribeRequest((ChannelRef(A, None, "ff"), ChannelRef(B))),
        ),
        (
            f"CHANNEL_ID={A}/{B}&mid={MID}&tag=1&time=Sun%2C%2022%20Nov%202026%2012%3A41%3A32%20GMT&revision=19",
            SubscribeRequest((ChannelRef(A), ChannelRef(B)), mid=MID),
        ),
        (
            f"CHANNEL_ID={A}%3A{B}.ff&binaryMode=true&&mid=",
            SubscribeRequest((ChannelRef(A, B, "ff"),), binary=True),
        ),
        (f"CHANNEL_ID={A}&jsonRpc=true&binaryMode=false", SubscribeRequest((ChannelRef(A),), json_rpc=True)),
        (
            f"token=a.b.c&jsonRpc=true&clientId=cloud&hostname=portal.example&mid={MID}&revision=19",
            SubscribeRequest((), token="a.b.c", mid=MID, json_rpc=True, client_id="cloud"),
        ),
    ],
)
def test_reads_what_clients_send(query: str, wanted: SubscribeRequest) -> None:
    assert parse_subscribe(query) == wanted


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "CHANNEL_ID is missing"),
        (f"channel_id={A}", "unknown query key 'channel_id'"),
        (f"CHANNEL_ID={A}&{'k' * 50}=1", "unknown query key #"),
        (f"CHANNEL_ID={A}&%0Ax=1", "unknown query key #"),
        (f"CHANNEL_ID={A}&{B}=1", "unknown query key #"),
        (f"CHANNEL_ID={A}&CHANNEL_ID={B}", "'CHANNEL_ID' is given twice"),
        (f"CHANNEL_ID={A}&mid=1", "mid must be 26 decimal digits"),
        (f"CHANNEL_ID={A}&revision=x", "revision must be a whole number"),
        (f"CHANNEL_ID={A}&revision=", "revision must be a whole number"),
        (f"CHANNEL_ID={A}&revision=²", "revision must be a whole number"),
        (f"CHANNEL_ID={A}&binaryMode=1", "binaryMode must be true or false"),
        ("token=", "CHANNEL_ID is missing"),
        (f"token=abc&CHANNEL_ID={A}", "either CHANNEL_ID or token"),
        ("&".join(f"k{n}=" for n in range(33)), "more than 32 fields"),
    ],
)
def test_refuses_the_rest_by_name(query: str, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        parse_subscribe(query)


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(parse_subscribe("token=s3cret&clientId=s3cret"))
    shown = repr(parse_subscribe(f"CHANNEL_ID={A}:{B}.ff00"))
    assert not any(secret in shown for secret in (A, B, "ff00"))


@given(st.text())
def test_any_query_is_read_or_refused(query: str) -> None:
    problem = ""
    try:
        parse_subscribe(query)
    except RefusedError as error:
        problem = str(error)
    assert problem.isprintable()
