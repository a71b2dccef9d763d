"""The real client through both engines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull.locate import client_root
from bxpull.prebuild import ensure
from tests.generator.support import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def real_client(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Builds bundle the checkout's own client."""
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    # Copied from where the set-up made them, if nothing has changed since.
    monkeypatch.delenv("BXPULL_PREBUILT")
    folder = tmp_path_factory.getbasetemp() / "prebuilt-real"
    ensure(client_root(), folder)
    monkeypatch.setenv("BXPULL_PREBUILT", str(folder))
    return folder


@pytest.mark.parametrize("shared_worker", [False, True])
@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_both_engines_give_the_same_bytes(format_: str, shared_worker: bool) -> None:
    options: dict[str, Any] = {
        "format": format_,
        "shared_worker": shared_worker,
        "guest_id": -1,
        "console": True,
    }
    native, embedded = (
        bxpull.build(out=engine, engine=engine, minify=True, sourcemap="inline", **options)
        for engine in ("native", "embedded")
    )
    assert contents(native) == contents(embedded)


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_a_lowered_script_and_the_minified_client_do_not_take_each_others_names(
    workdir: Path, run_js: Callable[..., Any], format_: str
) -> None:
    (workdir / "a.js").write_text(
        "class A { #p = 1; get() { return this.#p } } seen = new A().get()", "utf-8"
    )
    result = bxpull.build(engine="native", format=format_, minify=True, scripts=["a.js"])
    page = "var seen, window = globalThis, document = { addEventListener() {} }"
    assert run_js(result.bundle.path, "[seen, typeof BX.PULL]", before=page, format_=format_) == [1, "object"]


@pytest.mark.parametrize("shared_worker", [False, True])
def test_a_module_may_be_imported_without_a_window(run_js: Callable[..., Any], shared_worker: bool) -> None:
    result = bxpull.build(format="esm", shared_worker=shared_worker)
    assert run_js(result.bundle.path, "typeof BX", format_="esm") == "undefined"


def test_the_bundle_does_nothing_that_a_strict_csp_forbids() -> None:
    text = bxpull.build(engine="native").bundle.path.read_text("utf-8")
    forbidden = re.compile(
        r"\beval\(|\bnew Function\b|\.innerHTML\b|\.outerHTML\b|document\.write|javascript:"
    )
    assert not forbidden.findall(text)
