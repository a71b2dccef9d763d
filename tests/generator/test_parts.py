"""A part of the client: which protocols, with or without long polling and BX."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull.engines import choose
from bxpull.errors import EngineMissingError, OptionError
from bxpull.options import FORMATS, PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]

SUBSETS = [
    list(names)
    for count in range(1, 1 + len(PROTOCOLS))
    for names in itertools.combinations(PROTOCOLS, count)
]


@pytest.mark.parametrize("shim", [True, False])
@pytest.mark.parametrize("long_polling", [True, False])
@pytest.mark.parametrize("protocols", SUBSETS, ids=",".join)
def test_the_client_is_given_what_was_chosen(
    run_js: RunJs, protocols: list[str], long_polling: bool, shim: bool
) -> None:
    result = bxpull.build(protocols=protocols, long_polling=long_polling, shim=shim, demo=shim)
    assert result.warnings == ()
    others = ["long polling" if long_polling else None, "shim" if shim else "page's own"]
    assert run_js(result.bundle.path, "BX.parts") == [*protocols, *others]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("minify", [False, True])
def test_what_was_not_chosen_is_not_in_the_bundle(format_: str, minify: bool) -> None:
    part = {"protocols": ["jsonrpc"], "long_polling": False, "shim": False}
    result = bxpull.build(format=format_, minify=minify, **part)
    text = result.bundle.path.read_text("utf-8")
    assert "jsonrpc" in text
    assert [name for name in ("protobuf", "long polling", "text", "shim") if f'"{name}"' in text] == []


def test_the_order_of_the_protocols_makes_no_difference() -> None:
    given = (["protobuf", "text"], ["text", "protobuf", "text"])
    results = [bxpull.build(protocols=names, out=str(number)) for number, names in enumerate(given)]
    assert results[0].bundle.integrity == results[1].bundle.integrity
    assert results[0].file("manifest").integrity == results[1].file("manifest").integrity


def test_the_whole_client_named_in_full_is_the_default() -> None:
    named = bxpull.build(engine="embedded", protocols=["jsonrpc", "text", "protobuf"], out="named")
    assert named.bundle.integrity == bxpull.build(engine="embedded", out="default").bundle.integrity


def test_the_manifest_tells_what_the_client_consists_of() -> None:
    result = bxpull.build(protocols=["jsonrpc"], long_polling=False, shim=False, rest_application="app.1")
    options = json.loads(result.file("manifest").path.read_text("utf-8"))["options"]
    names = ("protocols", "long_polling", "shim", "rest_application")
    assert [options[name] for name in names] == [["jsonrpc"], False, False, "app.1"]


def test_without_the_shim_there_is_no_demo_page_and_the_build_says_so(workdir: Path) -> None:
    bxpull.build(out="site")
    result = bxpull.build(out="site", shim=False)
    assert {path.name for path in (workdir / "site").iterdir()} == {
        "bxpull.js",
        "manifest.json",
        "snippet.html",
    }
    [warning] = result.warnings
    assert warning == (
        "the demo page is left out: it has no BX of its own; build with the option shim, "
        "or set the option demo to false"
    )


@pytest.mark.parametrize(
    "part",
    [
        {"protocols": ["text"]},
        {"long_polling": False},
        {"shim": False},
        {"shared_worker": True, "shim": False},
    ],
    ids=str,
)
def test_the_embedded_engine_refuses_a_part_of_the_client(part: dict[str, Any]) -> None:
    with pytest.raises(OptionError) as caught:
        bxpull.build(engine="embedded", **part)
    assert caught.value.option == "engine"
    assert str(caught.value) == (
        "option engine: embedded carries the whole client only; use native, "
        "or leave the options protocols, long_polling and shim at their defaults"
    )


@pytest.mark.parametrize("name", ["auto", "native"])
def test_a_part_without_esbuild_is_refused_and_both_ways_out_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(choose, "find_esbuild", lambda: None)
    with pytest.raises(EngineMissingError) as caught:
        bxpull.build(engine=name, long_polling=False)
    assert str(caught.value) == (
        "engine native: no esbuild found, and only it bundles a part of the client; "
        "run 'npm install esbuild', or set $BXPULL_ESBUILD to an esbuild binary, "
        "or leave the options protocols, long_polling and shim at their defaults"
    )
