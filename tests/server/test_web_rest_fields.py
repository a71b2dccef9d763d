"""bxpull_server.web.rest_fields."""

import json

import pytest

from bxpull_server.errors import EventError, QueryError
from bxpull_server.web.rest_fields import Fields


def from_form(body: str) -> Fields:
    return Fields("", body, is_json=False)


def from_json(value: object) -> Fields:
    return Fields("", json.dumps(value), is_json=True)


@pytest.mark.parametrize(
    "fields",
    [
        from_form("sessid=S&&users[0]=2&users[1]=3"),
        from_form("USERS[]=2&USERS[]=3&USERS[]=2"),
        from_form("users%5B0%5D=2&users%5B1%5D=3"),
        from_json({"USERS": [2, "3"]}),
        from_json({"Users": {"a": 2, "b": 3}}),
    ],
    ids=["doubled ampersand", "empty indexes", "escaped", "json", "json object"],
)
def test_lists_are_read_as_clients_send_them(fields: Fields) -> None:
    assert fields.users("users") == [2, 3]


def test_the_body_wins_over_the_query_and_null_is_nothing() -> None:
    assert Fields("a=query&b=query", "A=body", is_json=False).text("a") == "body"
    fields = Fields("a=query&b=query", '{"A": "body", "b": null}', is_json=True)
    assert [fields.text(name) for name in ("a", "b", "c")] == ["body", "query", ""]


def test_one_plain_value_is_a_list_of_one() -> None:
    assert from_form("user_id=5").users("user_id") == [5]
    assert from_json({"user_id": 5}).users("user_id") == [5]
    assert from_json({"tags": "A"}).texts("tags") == ["A"]
    assert from_form("").users("user_id") == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (["x"], "users must be a whole number"),
        ([1.5], "users must be a whole number"),
        ([0], "users must name users: their ids are above 0"),
        ([-1], "users must name users: their ids are above 0"),
        (list(range(1, 1002)), "users names 1001 users: at most 1000 are allowed"),
    ],
)
def test_what_is_no_list_of_users_is_named(value: object, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        from_json({"users": value}).users("users")


@pytest.mark.parametrize(
    ("fields", "params"),
    [
        (from_form("PARAMS[a]=1&PARAMS[b][0]=x&PARAMS[b][1]=y"), {"a": "1", "b": ["x", "y"]}),
        (from_form("params[0]=x"), ["x"]),
        (from_form('params={"a": 1}'), {"a": 1}),
        (from_form("params="), []),
        (from_form(""), []),
        (from_json({"params": {"a": 1, "b": {"c": None}}}), {"a": 1, "b": {"c": None}}),
        (from_json({"params": '{"a": 1}'}), {"a": 1}),
        (from_json({"params": []}), []),
        (from_json({"params": None}), []),
    ],
)
def test_params_are_read_as_clients_send_them(fields: Fields, params: object) -> None:
    assert fields.params("params") == params


@pytest.mark.parametrize(
    "fields", [from_form("params=oops"), from_form("params=5"), from_json({"params": 5})]
)
def test_params_that_are_no_object_are_refused(fields: Fields) -> None:
    with pytest.raises(EventError, match="params: must be an object, or JSON text of one"):
        fields.params("params")


@pytest.mark.parametrize("body", ["{oops", "[1]", "5"])
def test_a_body_that_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(QueryError, match=r"the body .*JSON"):
        Fields("", body, is_json=True)


@pytest.mark.parametrize("depth", [100, 900])
def test_what_is_nested_deeply_is_read_where_it_is_wanted_and_else_refused(depth: int) -> None:
    deep = "[" * depth + "]" * depth
    fields = Fields("", f'{{"params": {{"a": {deep}}}, "tags": ["A", {deep}, "B"]}}', is_json=True)
    with pytest.raises(QueryError, match="tags must be a list of single values"):
        fields.texts("tags")
    assert fields.params("params") == {"a": json.loads(deep)}


@pytest.mark.parametrize(
    "fields", [from_form("users[0][a]=2"), from_json({"users": [[2]]}), from_json({"users": {"a": {"b": 2}}})]
)
def test_a_list_of_lists_is_not_taken_for_an_empty_one(fields: Fields) -> None:
    with pytest.raises(QueryError, match="users must be a list of single values"):
        fields.users("users")


def test_a_list_is_no_text() -> None:
    with pytest.raises(QueryError, match="command must be one value, not a list"):
        from_form("COMMAND[]=check").text("command")
