"""bxpull.python_text."""

from __future__ import annotations

import ast
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bxpull.python_text import call_text, literal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(JSON, st.integers(0, 12))
def test_a_literal_is_the_value(value: Any, depth: int) -> None:
    text = literal(value, "    " * depth, 90)
    assert ast.literal_eval(text) == value
    text.encode()


def test_signs_that_cannot_be_seen_or_written_are_escaped() -> None:
    text = "a\"b'\\\n\t\x00\x7f\u2028\ud800\U000e0001é"
    assert literal(text) == '"a\\"b\'\\\\\\n\\t\\u0000\\u007f\\u2028\\ud800\\U000e0001é"'
    assert ast.literal_eval(literal(text)) == text
    assert literal('say "hi\\"') == "'say \"hi\\\\\"'"


def test_what_is_too_long_for_a_line_has_an_item_a_line() -> None:
    value = {"a": ["x" * 60, "y" * 60], "b": {}}
    assert literal(value, "    ") == (
        "{\n"
        '        "a": [\n'
        f'            "{"x" * 60}",\n'
        f'            "{"y" * 60}",\n'
        "        ],\n"
        '        "b": {},\n'
        "    }"
    )


def test_a_call_is_as_long_as_a_line_may_be() -> None:
    def call(length: int) -> str:
        return call_text("f", ["on"], {"params": {"a": "x" * length}}, "    ")

    assert call(71) == f'f("on", params={{"a": "{"x" * 71}"}})'
    assert len(f"    {call(71)}") == 100
    assert call(72) == f'f(\n        "on",\n        params={{"a": "{"x" * 72}"}},\n    )'
