"""bxpull_server.protocol.merging."""

import json
from typing import Any

import pytest

from bxpull_server.errors import EventError
from bxpull_server.protocol.merging import MAX_NESTING, additions_json, check_nesting, merged_body
from bxpull_server.protocol.messages import Message


def message(body: str, dictionary: str | None = None, user_params: str | None = None) -> Message:
    return Message("0" * 26, "a" * 32, body, 0, dictionary=dictionary, user_params=user_params)


def test_without_additions_the_body_stays_as_it_is() -> None:
    body = '{ "module_id" : "m" }'
    assert merged_body(message(body)) is body


@pytest.mark.parametrize(
    ("params", "dictionary", "user_params", "merged"),
    [
        ('{"a":1}', {"b": 2}, None, {"a": 1, "b": 2}),
        ('{"a":1}', None, {"a": 2}, {"a": 2}),
        ('{"a":1}', {"a": 2, "b": 2}, {"b": 3}, {"a": 2, "b": 3}),
        ("[]", {"a": 1}, None, {"a": 1}),
        ("null", {"a": 1}, None, {"a": 1}),
    ],
)
def test_the_dictionary_is_merged_first_and_the_users_own_params_win(
    params: str, dictionary: Any, user_params: Any, merged: Any
) -> None:
    body = f'{{"module_id":"m","command":"c","params":{params},"x":"\u2028"}}'
    added = [None if value is None else json.dumps(value) for value in (dictionary, user_params)]
    event = json.loads(merged_body(message(body, *added)))
    assert event == {"module_id": "m", "command": "c", "params": merged, "x": "\u2028"}


def test_params_that_are_missing_are_made() -> None:
    assert json.loads(merged_body(message('{"module_id":"m"}', "{}")))["params"] == {}


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"[{": value}
    return value


def test_additions_that_are_nested_too_deeply_are_refused() -> None:
    assert json.loads(additions_json("dictionary", nested(MAX_NESTING))) == nested(MAX_NESTING)
    for depth in (MAX_NESTING + 1, 100_000):
        with pytest.raises(EventError, match="dictionary: "):
            additions_json("dictionary", nested(depth))


def test_brackets_in_strings_are_no_nesting() -> None:
    check_nesting("params", json.dumps({'"\\[' * 200: "[" * 200}))


@pytest.mark.parametrize(
    ("value", "problem"),
    [([], "must be a mapping"), ({"a": float("nan")}, "cannot be sent"), ({"a": object()}, "cannot be sent")],
)
def test_additions_must_be_a_mapping_of_json(value: Any, problem: str) -> None:
    with pytest.raises(EventError, match=f"user_params: {problem}"):
        additions_json("user_params", value)
