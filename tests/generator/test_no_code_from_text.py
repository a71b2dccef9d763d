"""Nothing that is written runs text as code, or takes text for HTML: no data can become a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tree_sitter_javascript
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tree_sitter import Language, Parser

import bxpull
from bxpull.locate import client_root
from bxpull.prebuild import ensure
from bxpull_server.harness.bundle import recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tree_sitter import Node

# What makes code or markup of text; in scripts that Trusted Types guard it throws.
SINKS = {
    "eval",
    "Function",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "write",
    "writeln",
    "srcdoc",
    "createContextualFragment",
    "parseFromString",
    "setHTMLUnsafe",
    "importScripts",
}
TIMERS = {"setTimeout", "setInterval"}


def nodes(code: str) -> Iterator[Node]:
    todo = [Parser(Language(tree_sitter_javascript.language())).parse(code.encode()).root_node]
    assert not todo[0].has_error
    while todo:
        node = todo.pop()
        yield node
        todo += node.children


def sinks(code: str) -> list[str]:
    """Names of the sinks, and timers that are given a text."""
    found = []
    for node in nodes(code):
        text = (node.text or b"").decode()
        if node.type in ("identifier", "property_identifier") and text in SINKS:
            found.append(text)
        elif node.type == "call_expression" and node.named_children[0].type != "import":
            called = (node.named_children[0].text or b"").decode().rpartition(".")[2]
            first = node.named_children[1].named_children[:1]
            if called in TIMERS and first and first[0].type in ("string", "template_string"):
                found.append(text)
    return found


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_no_script_runs_text_as_code(format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    monkeypatch.delenv("BXPULL_PREBUILT")
    ensure(client_root(), tmp_path / "prebuilt")
    monkeypatch.setenv("BXPULL_PREBUILT", str(tmp_path / "prebuilt"))
    result = bxpull.build(out=tmp_path / "out", format=format_, shared_worker=True, console=True)
    scripts = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").glob("*.js")}
    assert len(scripts) > 3, result
    for name, code in {**scripts, "recorder": recorder()}.items():
        assert (name, sinks(code)) == (name, [])


def test_the_search_finds_what_it_is_for() -> None:
    code = 'eval(a);new Function(b)();x.innerHTML=c;setTimeout("d()");document.write(e);setTimeout(f, 1)'
    assert sorted(sinks(code)) == ["Function", "eval", "innerHTML", 'setTimeout("d()")', "write"]


@given(
    st.sampled_from(
        ["javascript:", "JavaScript:", "java\nscript:", " javascript:", "data:text/html,", "vbscript:"]
    ),
    st.text(max_size=20),
    st.sampled_from(["rest_url", "config_url", "worker_url"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_is_a_script(scheme: str, rest: str, option: str) -> None:
    with pytest.raises(bxpull.OptionError, match=option):
        bxpull.BuildOptions.from_mapping({option: scheme + rest})
