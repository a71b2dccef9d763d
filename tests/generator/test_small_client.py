"""The minified client: short names for inner properties, and the prebuilt one in both engines."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull import prebuild
from bxpull.options import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]

OLDER = (
    "engine native: the prebuilt client is older than its sources; this client is esbuild's alone and "
    "larger; run 'python -m bxpull.prebuild'"
)


@pytest.fixture
def edited_client(tmp_path: Path, fake_client: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client that was changed after its bundles were made."""
    folder = tmp_path / "client"
    shutil.copytree(fake_client, folder)
    (folder / "sub" / "greet.ts").write_text("export const greet = (id: number) => `bye ${id}`;\n", "utf-8")
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(folder))
    return folder


@pytest.fixture(params=["native", "embedded", "native, edited"])
def small_engine(request: pytest.FixtureRequest) -> str:
    """Each way to a minified client in turn."""
    if request.param == "native, edited":
        request.getfixturevalue("edited_client")
    return str(request.param).partition(",")[0]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_property_that_ends_with_an_underscore_gets_a_short_name(small_engine: str, format_: str) -> None:
    text = bxpull.build(engine=small_engine, minify=True, format=format_).bundle.path.read_text("utf-8")
    assert "ticks_" not in text
    assert "started" in text


def test_the_client_still_works_with_the_short_name(small_engine: str, run_js: RunJs) -> None:
    started, ticks = run_js(bxpull.build(engine=small_engine, minify=True).bundle.path, "BX.fields")
    assert started == "started"
    assert len(ticks) == 1


def test_without_minify_the_names_stay(engine: str, run_js: RunJs) -> None:
    assert run_js(bxpull.build(engine=engine, minify=False).bundle.path, "BX.fields") == ["started", "ticks_"]


def test_scripts_and_settings_keep_their_names(workdir: Path, small_engine: str, run_js: RunJs) -> None:
    (workdir / "page.js").write_text(
        "window.page_ = { foo_: 1, bar: { ticks_: 2, __proto__: null } };\n"
        "window.page_.own_ = window.page_.bar.ticks_;\n",
        "utf-8",
    )
    config = {"server": {"version": 3, "path_": "x"}, "channels": {"ticks_": {"id_": 1}}}
    result = bxpull.build(engine=small_engine, minify=True, scripts=["page.js"], config=config, site_id="s_")
    assert run_js(result.bundle.path, "[page_, BX.settings]", before="var window = globalThis") == [
        {"foo_": 1, "bar": {"ticks_": 2}, "own_": 2},
        {"siteId": "s_", "config": config},
    ]


def test_names_that_belong_to_the_language_stay(edited_client: Path, run_js: RunJs) -> None:
    with (edited_client / "install.ts").open("a", encoding="utf-8") as file:
        file.write("Object.assign(globalThis, { bare: { __proto__: null, a_: 1 } });\n")
    prebuild.prebuild(edited_client, edited_client.parent / "prebuilt")
    result = bxpull.build(engine="native", minify=True)
    assert run_js(result.bundle.path, "[Object.getPrototypeOf(bare), Object.keys(bare).length]") == [None, 1]


@pytest.mark.parametrize("sourcemap", ["none", "inline"])
def test_native_takes_the_prebuilt_client_and_warns_once_if_it_cannot(
    request: pytest.FixtureRequest, sourcemap: str, run_js: RunJs
) -> None:
    fresh = bxpull.build(engine="native", minify=True, sourcemap=sourcemap)
    embedded = bxpull.build(engine="embedded", minify=True, sourcemap=sourcemap, out="embedded")
    assert fresh.bundle.path.read_bytes() == embedded.bundle.path.read_bytes()
    assert fresh.warnings == ()
    request.getfixturevalue("edited_client")
    edited = bxpull.build(engine="native", minify=True, sourcemap=sourcemap, out="edited")
    assert edited.warnings == (OLDER,)
    assert run_js(edited.bundle.path, "BX.greeting") == "bye 0"


@pytest.mark.usefixtures("edited_client")
def test_an_unminified_build_is_always_from_the_sources(run_js: RunJs) -> None:
    result = bxpull.build(engine="native", minify=False)
    assert result.warnings == ()
    assert run_js(result.bundle.path, "BX.greeting") == "bye 0"


@pytest.mark.usefixtures("edited_client")
def test_an_own_entry_is_bundled_without_a_warning_that_would_not_help(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "entry.js.j2").write_text(
        'import { install } from "./install";\nglobalThis.mine = install({{ settings }});\n', "utf-8"
    )
    result = bxpull.build(engine="native", minify=True, templates="own")
    assert result.warnings == ()
    text = result.bundle.path.read_text("utf-8")
    assert "globalThis.mine" in text
    assert "ticks_" not in text


def test_native_goes_on_when_a_prebuilt_file_is_lost(
    prebuilt_fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_js: RunJs
) -> None:
    folder = tmp_path / "prebuilt"
    shutil.copytree(prebuilt_fake, folder)
    monkeypatch.setenv("BXPULL_PREBUILT", str(folder))
    named = json.loads((folder / "stamp.json").read_text("utf-8"))["variants"]["iife-es2018-min"]["code"]
    (folder / named).unlink()
    result = bxpull.build(engine="native", minify=True)
    assert len(result.warnings) == 1
    assert f"{named} is missing; " in result.warnings[0]
    assert run_js(result.bundle.path, "BX.greeting") == "hello 0"
