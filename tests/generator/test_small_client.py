"""The minified client: short names for inner properties, and the prebuilt one in both engines."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull import prebuild, terser
from bxpull.options import FORMATS
from tests.generator.support import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]

LARGER = (
    "engine native: this client is shrunk by esbuild alone and larger: "
    "no terser found in node_modules; run 'npm install terser'"
)
OWN_ENTRY = 'import { install } from "./install";\nglobalThis.mine = install({{ settings }}, []);\n'


@pytest.fixture
def edited_client(tmp_path: Path, fake_client: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client that was changed after its bundles were made."""
    folder = tmp_path / "client"
    shutil.copytree(fake_client, folder)
    (folder / "sub" / "greet.ts").write_text("export const greet = (id: number) => `bye ${id}`;\n", "utf-8")
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(folder))
    return folder


@pytest.fixture
def without_terser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose ``node_modules`` have no terser."""
    monkeypatch.setattr(terser, "node_modules_folders", list)


@pytest.fixture(
    params=["native", "embedded", "native, edited_client", "native, edited_client, without_terser"]
)
def small_engine(request: pytest.FixtureRequest) -> str:
    """Each way to a minified client in turn."""
    engine, *changes = request.param.split(", ")
    for change in changes:
        request.getfixturevalue(change)
    return str(engine)


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


@pytest.mark.usefixtures("without_terser")
@pytest.mark.parametrize("shared_worker", [False, True])
def test_native_takes_the_prebuilt_client_when_it_is_up_to_date(shared_worker: bool) -> None:
    native, embedded = (
        bxpull.build(engine=engine, minify=True, shared_worker=shared_worker, out=engine)
        for engine in ("native", "embedded")
    )
    assert contents(native) == contents(embedded)
    assert native.warnings == ()


@pytest.mark.parametrize(
    "options", [{}, {"sourcemap": "inline"}, {"shared_worker": True, "sourcemap": "linked"}], ids=str
)
def test_native_makes_of_edited_sources_what_prebuilding_them_makes(
    edited_client: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], run_js: RunJs
) -> None:
    live = bxpull.build(engine="native", minify=True, out="live", **options)
    assert live.warnings == ()
    assert run_js(live.bundle.path, "BX.greeting", before="var document = {}") == "bye 0"
    folder = edited_client.parent / "prebuilt"
    prebuild.prebuild(edited_client, folder)
    monkeypatch.setenv("BXPULL_PREBUILT", str(folder))
    prepared = bxpull.build(engine="embedded", minify=True, out="prepared", **options)
    assert contents(live) == contents(prepared)


@pytest.mark.usefixtures("edited_client", "without_terser")
def test_without_terser_native_says_that_the_client_is_larger(run_js: RunJs) -> None:
    result = bxpull.build(engine="native", minify=True)
    assert result.warnings == (LARGER,)
    assert run_js(result.bundle.path, "BX.greeting") == "bye 0"


@pytest.mark.usefixtures("edited_client")
def test_an_unminified_build_is_always_from_the_sources(run_js: RunJs) -> None:
    result = bxpull.build(engine="native", minify=False)
    assert result.warnings == ()
    assert run_js(result.bundle.path, "BX.greeting") == "bye 0"


def test_an_own_entry_is_bundled_and_shrunk(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "entry.js.j2").write_text(OWN_ENTRY, "utf-8")
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
    named = json.loads((folder / "stamp.json").read_text("utf-8"))["variants"]["client-iife-es2018-min"][
        "code"
    ]
    (folder / named).unlink()
    result = bxpull.build(engine="native", minify=True)
    assert result.warnings == ()
    assert run_js(result.bundle.path, "BX.greeting") == "hello 0"
