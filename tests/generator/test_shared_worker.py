"""The shared worker's script: beside the bundle, named after its content, where the client looks for it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull import terser
from bxpull.engines import esbuild_binary
from bxpull.options import FORMATS, TARGETS
from tests.generator.support import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]

PAGE = 'globalThis.document = { currentScript: { src: "https://cdn.example/a/bxpull.js" } };'


def test_without_the_option_there_is_no_script_and_nothing_of_it_in_the_bundle() -> None:
    result = bxpull.build()
    assert "worker" not in {item.kind for item in result.files}
    assert "shared worker" not in result.bundle.path.read_text("utf-8")


@pytest.mark.parametrize("minify", [False, True])
def test_the_script_is_written_beside_the_bundle_and_the_client_is_told_its_name(
    engine: str, run_js: RunJs, minify: bool
) -> None:
    result = bxpull.build(engine=engine, shared_worker=True, minify=minify)
    worker = result.file("worker")
    assert worker.path.parent == result.bundle.path.parent
    assert re.fullmatch(rf"bxpull-worker-{re.escape(bxpull.__version__)}-[0-9a-f]{{8}}\.js", worker.path.name)
    settings, parts = run_js(result.bundle.path, "[BX.settings, BX.parts]", before=PAGE)
    assert settings["sharedWorker"] == worker.path.name
    assert parts[3] == "shared worker from https://cdn.example/a/bxpull.js, long polling"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("minify", [False, True])
@pytest.mark.parametrize("target", TARGETS)
def test_both_engines_write_the_same_files(format_: str, minify: bool, target: str) -> None:
    options = {"format": format_, "minify": minify, "target": target, "sourcemap": "linked"}
    native, embedded = (
        bxpull.build(out=engine, engine=engine, shared_worker=True, user_id=7, **options)
        for engine in ("native", "embedded")
    )
    assert embedded.warnings == ()
    assert contents(native) == contents(embedded)


@pytest.mark.parametrize("minify", [False, True])
def test_it_needs_no_esbuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_js: RunJs, minify: bool
) -> None:
    with monkeypatch.context() as bare:
        bare.setenv("PATH", str(tmp_path))
        bare.setattr(esbuild_binary, "node_modules_folders", list)
        bare.setattr(terser, "node_modules_folders", list)
        result = bxpull.build(shared_worker=True, minify=minify)
    assert (result.engine, result.warnings) == ("embedded", ())
    assert run_js(result.file("worker").path, "served") is True


@pytest.mark.parametrize("target", ["es2015", "es2018", "esnext"])
def test_a_module_finds_it_by_its_own_address(target: str) -> None:
    result = bxpull.build(shared_worker=True, format="esm", target=target)
    assert "import.meta.url" in result.bundle.path.read_text("utf-8")


def test_it_can_be_without_long_polling(run_js: RunJs) -> None:
    result = bxpull.build(shared_worker=True, long_polling=False)
    assert "undefined" in run_js(result.bundle.path, "BX.parts[3]", before=PAGE)


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_the_script_is_a_classic_one_in_strict_mode(engine: str, run_js: RunJs, format_: str) -> None:
    result = bxpull.build(engine=engine, shared_worker=True, format=format_)
    assert run_js(result.file("worker").path, "served") is True


def test_other_content_has_another_name(workdir: Path) -> None:
    first = bxpull.build(shared_worker=True, minify=True).file("worker")
    second = bxpull.build(shared_worker=True, minify=False).file("worker")
    assert first.path.name != second.path.name
    assert not first.path.exists(), "what an earlier build of the bundle left is removed"
    assert sorted(path.name for path in (workdir / "dist").glob("*worker*")) == [second.path.name]


def test_pages_may_find_it_elsewhere(run_js: RunJs) -> None:
    result = bxpull.build(shared_worker=True, worker_url="/assets/w.js?v=1&token=secret")
    assert run_js(result.bundle.path, "BX.settings.sharedWorker", before=PAGE) == (
        "/assets/w.js?v=1&token=secret"
    )
    options = json.loads(result.file("manifest").path.read_text("utf-8"))["options"]
    assert (options["shared_worker"], options["worker_url"]) == (True, "/assets/w.js?…")


def test_an_address_without_a_worker_is_of_no_use_and_the_build_says_so() -> None:
    assert bxpull.build(worker_url="/w.js").warnings == (
        "the option worker_url is of no use without a shared worker: set the option shared_worker",
    )


def test_it_has_a_source_map_and_a_banner_like_the_bundle() -> None:
    result = bxpull.build(shared_worker=True, sourcemap="linked", banner="Licence")
    worker = result.file("worker").path
    text = worker.read_text("utf-8")
    assert text.startswith("/*! Licence */")
    assert text.endswith(f"//# sourceMappingURL={worker.name}.map\n")
    source_map = json.loads(worker.with_name(f"{worker.name}.map").read_text("utf-8"))
    assert (source_map["file"], "client/src/worker.ts" in source_map["sources"]) == (worker.name, True)
    assert result.file("map").path.name == "bxpull.js.map"


def test_the_manifest_and_the_snippet_name_it() -> None:
    result = bxpull.build(shared_worker=True)
    name = result.file("worker").path.name
    listed = json.loads(result.file("manifest").path.read_text("utf-8"))["files"]
    assert name in [item["path"] for item in listed]
    assert name in result.file("snippet").path.read_text("utf-8")
