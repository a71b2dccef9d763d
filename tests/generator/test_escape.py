"""Whatever a setting holds, it cannot leave the script, the comment or the attribute it stands in."""

from __future__ import annotations

import json
import re

import pytest
import tree_sitter_javascript
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from bxpull.engines.esbuild_py import transform
from bxpull.escape import comment_text, script_json

# Text rich in what matters to HTML and JavaScript.
DANGEROUS = st.lists(
    st.sampled_from(
        [
            "</script>",
            "<script>",
            "<!--",
            "-->",
            "]]>",
            "*/",
            "/*",
            '"',
            "'",
            "`",
            "${",
            "\\",
            "&lt;",
            "\u2028",
            "\u2029",
        ]
    )
    | st.text(max_size=5)
).map("".join)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | DANGEROUS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(DANGEROUS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_script_json_is_the_value_in_harmless_characters(value: object, compact: bool) -> None:
    text = script_json(value, compact=compact)
    assert text.isascii()
    assert not set("<>&\n\r") & set(text)
    assert json.loads(text) == value


@given(DANGEROUS)
def test_script_json_in_a_script_is_one_literal(value: str) -> None:
    source = f"x({script_json(value)});"
    assert transform(source) is not None
    root = Parser(Language(tree_sitter_javascript.language())).parse(source.encode("ascii")).root_node
    assert not root.has_error
    (statement,) = root.children
    (call,) = statement.named_children
    arguments = call.child_by_field_name("arguments")
    assert arguments
    assert [item.type for item in arguments.named_children] == ["string"]


def test_script_json_keeps_proto_a_member() -> None:
    assert script_json({"__proto__": {"a": 1}}) == '{["__proto__"]:{"a":1}}'
    assert script_json({"x": '"__proto__":'}) == '{"x":"\\"__proto__\\":"}'


@pytest.mark.parametrize(
    ("value", "error"), [(float("nan"), ValueError), ({1: 2}, TypeError), ({"a": {1}}, TypeError)]
)
def test_script_json_refuses_what_json_cannot_say(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        script_json(value)


@given(DANGEROUS)
def test_comment_text_ends_neither_comment_nor_script(value: str) -> None:
    text = comment_text(value.replace("\0", ""))
    assert "*/" not in text
    assert not re.search("</script|<script|<!--", text, re.IGNORECASE)
    assert transform(f"/*! {text} */\nx();") is not None
