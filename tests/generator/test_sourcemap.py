"""Source maps lead from the bundle to the sources, whatever was put in between."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bxpull
from bxpull import sourcemap
from bxpull.errors import ClientSourceError
from bxpull.locate import client_root

NUMBER = st.integers(0, 2**20)
SEGMENT = st.tuples(NUMBER) | st.tuples(NUMBER, NUMBER, NUMBER, NUMBER) | st.tuples(*[NUMBER] * 5)


def original(source_map: dict[str, Any], text: str, pattern: str) -> tuple[str, str]:
    """Source name and source text at the place that the text matching ``pattern`` comes from."""
    match = re.search(rf"\b{pattern}\b", text)
    assert match
    line = text.count("\n", 0, match.start())
    column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
    segment = [item for item in sourcemap.decode(source_map["mappings"])[line] if item[0] <= column][-1]
    source = source_map["sourcesContent"][segment[1]].split("\n")[segment[2]]
    return source_map["sources"][segment[1]], source[segment[3] + column - segment[0] :]


@given(st.lists(st.lists(SEGMENT, max_size=4), min_size=1, max_size=4))
def test_decode_is_the_opposite_of_encode(lines: list[list[tuple[int, ...]]]) -> None:
    assert sourcemap.decode(sourcemap.encode(lines)) == lines


@pytest.mark.parametrize("minify", [False, True])
@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_the_map_leads_to_the_clients_sources(
    engine: str, fake_client: Path, minify: bool, format_: str
) -> None:
    result = bxpull.build(
        engine=engine,
        minify=minify,
        target="esnext",
        format=format_,
        sourcemap="external",
        banner="two\nlines",
        site_id="long-" * 5,
    )
    text = result.bundle.path.read_text("utf-8")
    source_map = json.loads(result.file("map").path.read_text("utf-8"))
    assert source_map["version"] == 3
    assert source_map["file"] == "bxpull.js"
    assert "bxpull-entry.js" in source_map["sources"]
    for name, content in zip(source_map["sources"], source_map["sourcesContent"], strict=True):
        if name != "bxpull-entry.js":
            path = fake_client / Path(name).relative_to("client/src")
            assert path.read_text("utf-8") == content
    assert original(source_map, text, "started") == ("client/src/install.ts", "started = false;")
    assert original(source_map, text, "greeting") == (
        "client/src/install.ts",
        "greeting: greet(settings?.userId ?? 0),",
    )
    if not minify:
        assert original(source_map, text, "(?<=var )greet") == (
            "client/src/sub/greet.ts",
            "greet = (id: number): string => `hello ${id}`;",
        )


def test_what_follows_the_settings_on_their_line_is_still_mapped_right() -> None:
    result = bxpull.build(engine="native", minify=True, sourcemap="external", site_id="s1", format="esm")
    text = result.bundle.path.read_text("utf-8")
    source_map = json.loads(result.file("map").path.read_text("utf-8"))
    lines = text.split("\n")
    for number, segments in enumerate(sourcemap.decode(source_map["mappings"])):
        assert all(segment[0] <= len(lines[number]) for segment in segments)


def test_native_maps_scripts_to_their_own_text(workdir: Path) -> None:
    source = "const first = 1;\n// a comment\nwindow.second = first;\n"
    (workdir / "page.js").write_text(source, "utf-8")
    result = bxpull.build(engine="native", minify=False, sourcemap="external", scripts=["page.js"])
    source_map = json.loads(result.file("map").path.read_text("utf-8"))
    text = result.bundle.path.read_text("utf-8")
    assert source_map["sources"][-1] == "scripts/1-page.js"
    assert source_map["sourcesContent"][-1] == source
    assert original(source_map, text, "first") == ("scripts/1-page.js", "first = 1;")
    assert original(source_map, text, "second") == ("scripts/1-page.js", "second = first;")


@pytest.mark.parametrize("minify", [False, True])
def test_native_maps_a_lowered_script_to_its_own_text(workdir: Path, minify: bool) -> None:
    (workdir / "page.js").write_text("const { a, ...rest } = from;\nwindow.second = rest;\n", "utf-8")
    result = bxpull.build(
        engine="native", minify=minify, target="es2017", sourcemap="external", scripts=["page.js"]
    )
    source_map = json.loads(result.file("map").path.read_text("utf-8"))
    text = result.bundle.path.read_text("utf-8")
    assert original(source_map, text, r"second\b") == ("scripts/1-page.js", "second = rest;")


def test_an_inline_map_is_the_same_map(engine: str) -> None:
    outside = bxpull.build(engine=engine, sourcemap="external", out="a")
    inside = bxpull.build(engine=engine, sourcemap="inline", out="b").bundle.path.read_text("utf-8")
    encoded = inside.rsplit("base64,", 1)[1].strip()
    assert base64.b64decode(encoded) == outside.file("map").path.read_bytes()


def test_the_map_of_the_real_client_leads_to_its_typescript(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    result = bxpull.build(engine="native", minify=True, sourcemap="linked")
    source_map = json.loads(result.file("map").path.read_text("utf-8"))
    sources = dict(zip(source_map["sources"], source_map["sourcesContent"], strict=True))
    assert "client/src/install.ts" in sources
    for name, content in sources.items():
        if name.startswith("client/src/"):
            assert (client_root() / Path(name).relative_to("client/src")).read_text("utf-8") == content


def test_missing_sources_are_named(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(workdir))
    with pytest.raises(ClientSourceError) as caught:
        bxpull.build()
    assert str(caught.value) == (
        "no client source: $BXPULL_CLIENT_SRC has no install.ts; point it at a client/src folder"
    )
