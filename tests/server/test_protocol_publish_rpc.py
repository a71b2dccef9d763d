"""bxpull_server.protocol.publish_rpc."""

import json
from typing import Any

import pytest

from bxpull_server.errors import JsonRpcError, PublishRefusedError
from bxpull_server.protocol.channels import Signer
from bxpull_server.protocol.jsonrpc import ErrorCode, parse_calls
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.publications import Publication
from bxpull_server.protocol.publish_rpc import (
    check_limits,
    read_backend_publish,
    read_last_seen,
    read_publish,
    read_user,
    read_users,
)
from bxpull_server.protocol.receivers import PublicReceivers, TrustedReceivers

SIGNER = Signer("key")
BROWSER = PublicReceivers(SIGNER, lambda _channel: None)
BACKEND = TrustedReceivers(SIGNER)
A, B = "a" * 32, "b" * 32
BODY = {"module_id": "m", "command": "c", "params": {"from": 1}}
TEXT = json.dumps(BODY, separators=(",", ":"))

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]


def by_browser(**params: Any) -> Publication:
    return read_publish({"body": BODY, **params}, BROWSER, Sender.CLIENT)


def by_backend(**params: Any) -> Publication:
    return read_backend_publish({"body": BODY, **params}, BACKEND)


def test_a_browser_publishes_to_users_and_signed_public_ids() -> None:
    asked = by_browser(userList=[1, "2", -3, 1], channelList=[SIGNER.sign_public(A)], expiry=60)
    assert asked == Publication(TEXT, (A,), (1, 2, -3), 60, Sender.CLIENT)


def test_without_an_expiry_an_event_is_kept_for_a_day() -> None:
    assert [by_browser(userList=[1], expiry=expiry).expiry for expiry in (None, 0)] == [86_400, 0]
    assert by_browser(userList=[1]).expiry == 86_400


def test_a_back_end_may_add_to_the_params() -> None:
    asked = by_backend(
        userList=[1, 2],
        channelList=[A],
        type="t",
        dictionary={"d": 1},
        user_params={"1": {"own": True}, "2": []},
    )
    assert asked == Publication(
        TEXT, (A,), (1, 2), dictionary={"d": 1}, user_params={1: {"own": True}, 2: {}}
    )


def test_an_empty_php_array_adds_nothing() -> None:
    asked = by_backend(userList=[1], dictionary=[], user_params=[])
    assert (asked.dictionary, asked.user_params) == ({}, {})


def test_a_list_that_is_null_names_nobody() -> None:
    assert by_backend(userList=None, channelList=[A]).users == ()
    assert by_backend(userList=[1], channelList=None).channels == ()


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({}, "has no receivers"),
        ({"userList": [], "channelList": []}, "has no receivers"),
        ({"userList": 1}, "userList must be a list"),
        ({"userList": [0]}, "userList must name users"),
        ({"userList": [True]}, "userList must name users"),
        ({"userList": ["x"]}, "userList must name users"),
        ({"userList": ["--1"]}, "userList must name users"),
        ({"userList": ["\u0661"]}, "userList must name users"),
        ({"userList": [10**17]}, "userList must name users"),
        ({"userList": [1.5]}, "userList must name users"),
        ({"userList": [[]]}, "userList must name users"),
        ({"userList": list(range(1, 1002))}, "at most 1000"),
        ({"channelList": A}, "channelList must be a list"),
        ({"channelList": ["x"]}, "is no channel id"),
        ({"channelList": [A]}, "has no signature"),
        ({"channelList": [f"{A}.ff"]}, "wrong signature"),
        ({"channelList": [SIGNER.sign(A)]}, "is no public id"),
        ({"channelList": [SIGNER.sign(f"{A}:{B}")]}, "is no public id"),
        ({"userList": [1], "expiry": -1}, "expiry: must be whole seconds"),
        ({"userList": [1], "expiry": "60"}, "expiry: must be whole seconds"),
        ({"userList": [1], "body": None}, "must be a JSON object"),
        ({"userList": [1], "body": {}}, "has no module_id"),
        ({"userList": [1], "body": {"module_id": "m", "n": DEEP}}, "nested too deeply"),
    ],
)
def test_a_bad_publish_is_refused_by_name(params: dict[str, Any], problem: str) -> None:
    with pytest.raises(JsonRpcError, match=problem) as refusal:
        by_browser(**params)
    assert refusal.value.number == ErrorCode.INVALID_PARAMS
    assert A not in str(refusal.value)


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"dictionary": "x"}, "dictionary must be an object"),
        ({"user_params": [1]}, "user_params must be an object"),
        ({"user_params": {"x": {}}}, "user_params must name users"),
        ({"user_params": {"1": 5}}, "user_params of user 1 must be an object"),
        ({"user_params": {"5": {}}}, "names user 5, who is not in userList"),
        ({"channelList": [f"{A}.ff"]}, "wrong signature"),
    ],
)
def test_bad_additions_are_refused_by_name(params: dict[str, Any], problem: str) -> None:
    with pytest.raises(JsonRpcError, match=problem):
        by_backend(userList=[1], **params)


def calls(*params: dict[str, Any], method: str = "publish") -> str:
    return json.dumps([{"jsonrpc": "2.0", "method": method, "params": one, "id": 1} for one in params])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (calls(*[{}] * 101, method="ping"), 4016),
        (calls({"userList": list(range(101))}), 4018),
        (calls({"userList": list(range(60))}, {"userList": list(range(40, 101))}), 4018),
        (calls({"userList": list(range(60)), "channelList": [f"{n:032x}" for n in range(41)]}), 4018),
        (calls({"userList": list(range(100)), "channelList": ["1"]}), 4018),
    ],
)
def test_a_text_that_asks_for_too_much_is_refused(text: str, code: int) -> None:
    with pytest.raises(PublishRefusedError) as refusal:
        check_limits(parse_calls(text))
    assert refusal.value.close_code == code


@pytest.mark.parametrize(
    "text",
    [
        calls(*[{"userList": list(range(100))}] * 100),
        calls({"userList": list(range(101))}, method="getUsersLastSeen"),
        calls({"userList": "x", "channelList": [[], {}]}),
        calls({"userList": [*range(1, 101), *map(str, range(1, 101))]}),
        calls(
            {"channelList": [f"{n:032x}" for n in range(100)]},
            {
                "channelList": [f"{n:032x}.ff" for n in range(50)]
                + [f"{n:032x}:{A}.ff" for n in range(50, 100)]
            },
        ),
        "[1, 2]",
    ],
)
def test_what_is_within_the_limits_is_left_to_the_methods(text: str) -> None:
    check_limits(parse_calls(text))


def test_users_and_times_are_read() -> None:
    assert read_users([1, "-2"], "userList") == (1, -2)
    assert read_user({"userId": "7"}, "userId") == 7
    assert read_last_seen({"1": 1_790_000_000, "-2": 0}) == {1: 1_790_000_000, -2: 0}
    assert read_last_seen({}) == {}


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"x": 1}, "a key must name users"),
        ({"1": "soon"}, "the time of user '1' must be unix time"),
        ({"1": True}, "must be unix time"),
        ({"1": -1}, "must be unix time"),
        ({"1": 2**60}, "must be unix time"),
        ({str(number): 1 for number in range(1, 1002)}, "at most 1000"),
    ],
)
def test_bad_times_are_refused_by_name(params: dict[str, Any], problem: str) -> None:
    with pytest.raises(JsonRpcError, match=problem):
        read_last_seen(params)


def test_a_missing_user_is_refused_by_name() -> None:
    with pytest.raises(JsonRpcError, match="userId must name users"):
        read_user({}, "userId")
