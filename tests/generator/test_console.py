"""The console: a script of its own beside the bundle, which is the same with and without it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull import terser
from bxpull.engines import esbuild_binary
from bxpull.settings_file import load_settings
from tests.generator.support import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]


def test_without_the_option_there_is_none() -> None:
    result = bxpull.build()
    assert "console" not in {item.kind for item in result.files}
    assert "PullConsole" not in "".join(
        item.path.read_text("utf-8") for item in result.files if item.kind != "bundle"
    )


def test_the_bundle_is_the_same_with_it(engine: str) -> None:
    without, with_it = (bxpull.build(engine=engine, console=on, out=f"{on}") for on in (False, True))
    assert without.bundle.integrity == with_it.bundle.integrity


@pytest.mark.parametrize("options", [{}, {"minify": False}, {"format": "esm", "target": "es2015"}], ids=str)
def test_it_is_written_beside_the_bundle_as_a_classic_script_in_strict_mode(
    engine: str, run_js: RunJs, options: dict[str, Any]
) -> None:
    result = bxpull.build(engine=engine, console=True, out="site/pull.js", **options)
    script = result.file("console").path
    assert script.parent == result.bundle.path.parent
    assert re.fullmatch(rf"bxpull-console-{re.escape(bxpull.__version__)}-[0-9a-f]{{8}}\.js", script.name)
    assert run_js(script, "debugged") is True


@pytest.mark.parametrize("minify", [False, True])
@pytest.mark.parametrize("target", ["es2015", "es2018", "esnext"])
def test_both_engines_write_the_same_files(minify: bool, target: str) -> None:
    options = {"minify": minify, "target": target, "sourcemap": "linked", "banner": "Licence"}
    native, embedded = (
        bxpull.build(out=engine, engine=engine, console=True, **options) for engine in ("native", "embedded")
    )
    assert embedded.warnings == ()
    assert contents(native) == contents(embedded)


def test_it_needs_no_esbuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_js: RunJs) -> None:
    with monkeypatch.context() as bare:
        bare.setenv("PATH", str(tmp_path))
        bare.setattr(esbuild_binary, "node_modules_folders", list)
        bare.setattr(terser, "node_modules_folders", list)
        result = bxpull.build(console=True)
    assert (result.engine, result.warnings) == ("embedded", ())
    assert run_js(result.file("console").path, "debugged") is True


def test_it_has_a_source_map_and_a_banner_like_the_bundle() -> None:
    script = bxpull.build(console=True, sourcemap="linked", banner="Licence").file("console").path
    text = script.read_text("utf-8")
    assert text.startswith("/*! Licence */")
    assert text.endswith(f"//# sourceMappingURL={script.name}.map\n")
    source_map = json.loads(script.with_name(f"{script.name}.map").read_text("utf-8"))
    assert (source_map["file"], "client/src/console.ts" in source_map["sources"]) == (script.name, True)


def test_the_manifest_has_its_size_and_integrity() -> None:
    result = bxpull.build(console=True)
    script = result.file("console")
    manifest = json.loads(result.file("manifest").path.read_text("utf-8"))
    assert manifest["options"]["console"] is True
    [listed] = [item for item in manifest["files"] if item["kind"] == "console"]
    assert listed == {
        "path": script.path.name,
        "kind": "console",
        "bytes": script.path.stat().st_size,
        "gzip_bytes": script.gzip_bytes,
        "integrity": script.integrity,
    }


def test_the_demo_page_loads_it_after_the_bundle_and_shows_it() -> None:
    result = bxpull.build(console=True)
    folder, script = result.bundle.path.parent, result.file("console")
    scripts = re.findall(
        r'<script [^>]*src="([^"]+)"(?: integrity="([^"]+)")?', (folder / "demo.html").read_text()
    )
    assert scripts[-2:] == [
        (result.bundle.path.name, result.bundle.integrity),
        (script.path.name, script.integrity),
    ]
    assert "BX.PullConsole.show();" in (folder / "demo.js").read_text("utf-8")


def test_it_comes_with_a_part_of_the_client_too() -> None:
    result = bxpull.build(console=True, protocols=["jsonrpc"], long_polling=False, shim=False, demo=False)
    assert result.file("console").bytes


def test_the_settings_file_switches_it_on(workdir: Path) -> None:
    (workdir / "bxpull.toml").write_text("[build]\nconsole = true\n", "utf-8")
    assert bxpull.build(load_settings()).file("console").bytes
