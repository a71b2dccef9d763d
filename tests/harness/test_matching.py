"""bxpull_server.harness.matching."""

from __future__ import annotations

import re
from typing import Any
from unittest import mock

import pytest

from bxpull_server.harness.matching import BxName, Wanted, nearest
from bxpull_server.harness.recording import HandlerCall, PullEvent


def event(params: Any, module: str = "im", command: str = "message") -> PullEvent:
    return PullEvent(module, command, params)


@pytest.mark.parametrize(
    ("wanted", "was"),
    [
        ({"id": 5}, {"id": 5, "text": "more"}),
        ({"chat": {"id": 5}}, {"chat": {"id": 5, "more": 1}}),
        ({5: "a key of JavaScript is a text"}, {"5": "a key of JavaScript is a text"}),
        ({"ids": [1, 2]}, {"ids": [1, 2]}),
        ({"ids": (1, 2)}, {"ids": [1, 2]}),
        ({"text": re.compile("^hel")}, {"text": "hello"}),
        ({"id": lambda value: value > 4}, {"id": 5}),
        ({"id": mock.ANY}, {"id": True}),
        ({"id": 5}, {"id": 5.0}),
        ([], []),
        (None, None),
    ],
)
def test_alike(wanted: Any, was: Any) -> None:
    assert Wanted("im", "message", wanted).differences(event(was)) == []


@pytest.mark.parametrize(
    ("wanted", "was", "line"),
    [
        ({"id": 5}, {"id": 4}, "params.id: expected 5, was 4"),
        ({"id": 5}, {"id": "5"}, "params.id: expected 5, was '5'"),
        ({"id": 1}, {"id": True}, "params.id: expected 1, was True"),
        ({"id": 5}, {}, "params.id: expected 5, is missing"),
        ({"id": 5}, [], "params: expected {'id': 5}, was []"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "params.a.b: expected 1, was 2"),
        ({"text": re.compile("^bye")}, {"text": "hello"}, "params.text: expected /^bye/, was 'hello'"),
        ({"ids": [1]}, {"ids": [1, 2]}, "params.ids: expected [1], was [1, 2]"),
    ],
)
def test_different(wanted: Any, was: Any, line: str) -> None:
    assert Wanted("im", "message", wanted).differences(event(was)) == [line]


def test_a_function_need_not_understand_the_params_of_other_events() -> None:
    wanted = Wanted("im", "message", {"id": lambda value: value > 4})
    lines = wanted.differences(event({"id": "D5"}, module="crm"))
    assert lines[0] == "module: expected 'im', was 'crm'"
    assert "cannot be compared: TypeError" in lines[1]
    with pytest.raises(TypeError):
        wanted.differences(event({"id": "D5"}))


def test_the_nearest_is_the_one_of_that_name_with_the_fewest_differences() -> None:
    seen = [
        event({"id": 5, "text": "a"}, module="crm"),
        event({"id": 4, "text": "a"}),
        event({"id": 4, "text": "b"}),
    ]
    found = nearest(Wanted("im", "message", {"id": 5, "text": "a"}), seen)
    assert [entry for entry, _ in found] == [seen[1], seen[2], seen[0]]
    assert found[0][1] == ["params.id: expected 5, was 4"]


def test_what_is_wanted_is_told_in_one_line() -> None:
    assert str(Wanted("im", re.compile("^mess"), {"id": 5})) == "im//^mess/ with params {'id': 5}"
    assert str(Wanted()) == "any"
    assert str(Wanted("im", on=BxName("onPullEvent-im"))) == "im with on 'onPullEvent-im'"


def test_names_of_bx_events_do_not_tell_cases_apart() -> None:
    call = HandlerCall("OnPullEvent-IM", "show", "im", "message")
    assert Wanted(on=BxName("onPullEvent-im")).differences(call) == []
    assert Wanted(on=BxName("onPullEvent-crm")).differences(call) == [
        "on: expected 'onPullEvent-crm', was 'OnPullEvent-IM'"
    ]
