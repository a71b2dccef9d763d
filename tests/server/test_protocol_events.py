"""bxpull_server.protocol.events."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bxpull_server.errors import EventError, QueryError
from bxpull_server.protocol.events import check_expiry, dump_json, make_event, parse_event

any_text = st.text(st.characters(exclude_categories=()))
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=20,
)


@given(any_json)
def test_json_comes_back_and_can_be_sent_as_utf8(value: Any) -> None:
    text = dump_json(value)
    assert json.loads(text.encode("utf-8")) == value
    assert "\n" not in text


def test_builds_the_event_of_the_protocol() -> None:
    assert make_event("im", "message", {"id": 5}, {"a": 1}) == (
        '{"module_id":"im","command":"message","params":{"id":5},"extra":{"a":1}}'
    )


def test_module_id_is_lower_cased_and_the_command_is_not() -> None:
    assert make_event("TEST", "Check", None, {}).startswith(
        '{"module_id":"test","command":"Check","params":[]'
    )


@pytest.mark.parametrize("empty", [None, [], ()])
def test_empty_params_go_out_as_an_empty_list(empty: Any) -> None:
    assert json.loads(make_event("m", "c", empty, {}))["params"] == []


def circular() -> dict[str, Any]:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    return loop


def nested() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(100_000):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("event", "field", "problem"),
    [
        (("", "c", {}), "module_id", "not empty"),
        ((5, "c", {}), "module_id", "not 5"),
        (("a b", "c", {}), "module_id", "letters, digits"),
        (("жук", "c", {}), "module_id", "letters, digits"),
        (("m", None, {}), "command", "not None"),
        (("m", "a b", {}), "command", "letters, digits"),
        (("m", "c\n", {}), "command", "letters, digits"),
        (("m", "c", [1]), "params", "a mapping"),
        (("m", "c", "text"), "params", "a value of type str"),
        (("m", "c", 5), "params", "not 5"),
        (("m", "c", {"x": {1, 2}}), "params", "cannot be sent as JSON"),
        (("m", "c", {"x": float("nan")}), "params", "cannot be sent as JSON"),
        (("m", "c", circular()), "params", "cannot be sent as JSON"),
        (("m", "c", nested()), "params", "cannot be sent as JSON"),
    ],
)
def test_a_bad_part_is_named(event: tuple[Any, Any, Any], field: str, problem: str) -> None:
    with pytest.raises(EventError, match=problem) as caught:
        make_event(*event, {})
    assert caught.value.field == field


def test_extra_that_is_not_json_is_named() -> None:
    with pytest.raises(EventError, match="extra: cannot be sent") as caught:
        make_event("m", "c", {}, {"x": object()})
    assert caught.value.field == "extra"


@pytest.mark.parametrize("expiry", [0, 1, 86_400, 2**32 - 1])
def test_expiry_in_range_is_taken(expiry: int) -> None:
    assert check_expiry(expiry) == expiry


@pytest.mark.parametrize("expiry", [-1, 2**32, 1.5, True, "60", None])
def test_other_expiry_is_refused(expiry: object) -> None:
    with pytest.raises(EventError, match="expiry: must be whole seconds"):
        check_expiry(expiry)


@pytest.mark.parametrize("expiry", [10**300, -(10**4000)])
def test_a_refused_number_does_not_make_the_refusal_long(expiry: int) -> None:
    with pytest.raises(EventError, match="whole seconds from 0 to 4294967295, not a number with so many"):
        check_expiry(expiry)


def test_a_posted_event_stays_as_it_is() -> None:
    text = '{"module_id":"m", "command":"c","params":[],"x":"\\ud800"}'
    assert parse_event(text.encode()) == text


def test_a_pretty_printed_event_comes_onto_one_line() -> None:
    assert parse_event(b'\xef\xbb\xbf{\r\n"module_id":\n"m"\n}\n') == '{  "module_id": "m" }'


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body is empty"),
        (b" \n", "the body is empty"),
        (b"\xff{}", "not UTF-8 .byte 0"),
        (b"{oops", "not JSON: Expecting property name .* at line 1, column 2"),
        (b'{"module_id":"m","params":{"a":NaN}}', "not JSON: NaN is no JSON value"),
        (b'{"module_id":"m","params":' + b"[" * 100_000, "not JSON: nested too deeply"),
        (b'{"module_id":"m","params":' + b"9" * 10_000 + b"}", "not JSON: Exceeds the limit"),
        (b"[1]", "must be a JSON object"),
        (b"{}", "no module_id"),
        (b'{"module_id":5}', "no module_id"),
        (b'{"module_id":""}', "no module_id"),
    ],
    ids=range(11),
)
def test_a_bad_body_is_refused_with_a_sentence(body: bytes, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        parse_event(body)


@pytest.mark.parametrize(("module_id", "command"), [("!" * 100_000, "c"), ("m", "!" * 100_000)])
def test_a_refused_name_is_shown_in_short(module_id: str, command: str) -> None:
    with pytest.raises(EventError, match="!!!…'") as refusal:
        make_event(module_id, command, None, {})
    assert len(str(refusal.value)) < 160
