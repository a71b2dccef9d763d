"""Both engines: the same bundle, the same behaviour."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import bxpull
from bxpull.options import FORMATS, TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    RunJs = Callable[..., Any]


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("minify", [False, True])
@pytest.mark.parametrize("target", TARGETS)
def test_both_engines_give_the_same_bytes(format_: str, minify: bool, target: str) -> None:
    bundles = [
        bxpull.build(
            out=engine,
            engine=engine,
            format=format_,
            minify=minify,
            target=target,
            sourcemap="inline",
            user_id=7,
        )
        for engine in ("native", "embedded")
    ]
    native, embedded = (result.bundle.path.read_bytes() for result in bundles)
    assert native == embedded


def test_the_client_gets_its_settings(engine: str, run_js: RunJs) -> None:
    config = {
        "server": {"version": 3, "</script><script>alert(1)</script>": "<!--\u2028'\"`${1}\\"},
        "channels": {"__proto__": {"polluted": True}},
    }
    result = bxpull.build(
        engine=engine,
        user_id=5,
        site_id="s1",
        rest_application="local.1",
        rest_url="/rest/?a=1&b=<",
        config=config,
        autostart=True,
        events="mobile",
        min_reconnect_delay=100,
        max_reconnect_delay=200,
        publish_wait=0,
        max_task_time=50,
    )
    text = result.bundle.path.read_text("utf-8")
    assert "</script" not in text.lower()
    assert "<!--" not in text
    got = run_js(result.bundle.path, "BX.settings")
    assert got == {
        "userId": 5,
        "restApplication": "local.1",
        "siteId": "s1",
        "restUrl": "/rest/?a=1&b=<",
        "config": config,
        "autostart": True,
        "events": "mobile",
        "minReconnectDelay": 100,
        "maxReconnectDelay": 200,
        "publishWait": 0,
        "maxTaskTime": 50,
    }


def test_defaults_need_no_settings_in_the_bundle(engine: str, run_js: RunJs) -> None:
    assert run_js(bxpull.build(engine=engine).bundle.path, "[BX.settings, BX.strict]") == [{}, True]


def test_each_script_has_its_own_scope_and_keeps_its_mode(workdir: Path, engine: str, run_js: RunJs) -> None:
    (workdir / "a.js").write_text(
        "var own = 1; function f() { return this }\n"
        "seen.push(['a', BX.greeting, f() === globalThis, this === globalThis])",
        "utf-8",
    )
    (workdir / "b.js").write_text(
        "'use strict'\nvar own = 2; function f() { return this }\n"
        "seen.push(['b', typeof own, f() === undefined])\nreturn",
        "utf-8",
    )
    (workdir / "c.js").write_text("seen.push(['c', typeof own, typeof module, typeof exports])", "utf-8")
    result = bxpull.build(engine=engine, scripts=["a.js", "b.js", "c.js"], minify=True)
    assert run_js(result.bundle.path, "seen", before="globalThis.seen = []") == [
        ["a", "hello 0", True, True],
        ["b", "number", True],
        ["c", "undefined", "undefined", "undefined"],
    ]


def test_a_script_is_lowered_by_native_and_embedded_says_that_it_does_not(workdir: Path, engine: str) -> None:
    (workdir / "a.js").write_text("globalThis.x = globalThis.y ?? 5;", "utf-8")
    result = bxpull.build(engine=engine, scripts=["a.js"], target="es2015", minify=True, sourcemap="linked")
    lowered = "??" not in result.bundle.path.read_text("utf-8")
    assert lowered is (engine == "native")
    limits = (
        "engine embedded leaves your scripts as they are: not lowered to es2015, not minified, "
        "not in the source map; engine native does it"
    )
    assert result.warnings == (() if lowered else (limits,))


LOWERED = """
class A { #p = NUMBER; static made = new A(); get() { return this.#p } }
const { a, ...rest } = { a: 1, b: NUMBER };
seen.push([A.made.get(), rest.b, this === globalThis]);
"""
LEAVES = 'if (rest.b) return;\nseen.push("never");\n'  # a module may not


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("minify", [False, True])
def test_what_lowering_needs_stays_in_the_scope_of_its_script(
    workdir: Path, engine: str, run_js: RunJs, format_: str, minify: bool
) -> None:
    for number in (1, 2):
        source = LOWERED.replace("NUMBER", str(number)) + (LEAVES if format_ == "iife" else "")
        (workdir / f"{number}.js").write_text(source, "utf-8")
    result = bxpull.build(
        engine=engine, scripts=["1.js", "2.js"], target="es2017", format=format_, minify=minify
    )
    new_globals = "Object.getOwnPropertyNames(globalThis).filter(name => !old.includes(name))"
    got, new = run_js(
        result.bundle.path,
        f"[seen, {new_globals}]",
        before="globalThis.window = globalThis; globalThis.seen = [];"
        "const old = Object.getOwnPropertyNames(globalThis)",
        format_=format_,
    )
    classic = format_ == "iife"
    assert got == [[1, 1, classic], [2, 2, classic]]
    assert new == ["BX"]


def test_a_lowered_script_may_be_sloppy(workdir: Path, run_js: RunJs) -> None:
    (workdir / "a.js").write_text(
        "const { a, ...rest } = { a: 1, b: 2 }; with (rest) seen.push(b, 010)", "utf-8"
    )
    result = bxpull.build(engine="native", scripts=["a.js"], target="es2017")
    assert run_js(result.bundle.path, "seen", before="globalThis.seen = []") == [2, 8]


def test_a_script_that_would_confuse_inline_html_gets_a_warning(workdir: Path, engine: str) -> None:
    (workdir / "a.js").write_text("x = '<!--' + '</script>'", "utf-8")
    result = bxpull.build(engine=engine, scripts=["a.js"], target="esnext", minify=False)
    assert result.warnings == ("script 1-a.js holds '<!--': load the bundle by src, not inline in HTML",)
    assert "</script" not in result.bundle.path.read_text("utf-8")


@pytest.mark.parametrize(
    ("source", "held"),
    [
        ("x = /[</script>]/", "'</script'"),
        ("x = /[</SCRIPT>]/", "'</script'"),
        ("x = /<!--[</script>]/", "'<!--' and '</script'"),
        ("x = '</script>'", ""),
        ("// <!-- </script>\nx = 1", ""),
    ],
)
def test_what_the_finished_script_holds_gets_the_warning(
    workdir: Path, engine: str, source: str, held: str
) -> None:
    (workdir / "a.js").write_text(source, "utf-8")
    result = bxpull.build(engine=engine, scripts=["a.js"], target="esnext", minify=False)
    warning = f"script 1-a.js holds {held}: load the bundle by src, not inline in HTML"
    assert result.warnings == ((warning,) if held else ())


def test_an_own_entry_that_would_confuse_inline_html_gets_a_warning_too(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "entry.js.j2").write_text("globalThis.x = [{{ settings }}, /[</script>]/];", "utf-8")
    result = bxpull.build(engine="native", templates="own", minify=False)
    assert result.warnings == ("the client holds '</script': load the bundle by src, not inline in HTML",)


def test_a_module_exports_the_three_names(engine: str) -> None:
    text = bxpull.build(engine=engine, format="esm", minify=False).bundle.path.read_text("utf-8")
    exported = re.search(r"export \{([^}]*)\}", text)
    assert exported
    assert {name.strip() for name in exported[1].split(",")} == {"BX", "PullClient", "PULL"}


def test_an_iife_leaves_no_global_of_its_own(engine: str, run_js: RunJs) -> None:
    result = bxpull.build(engine=engine, minify=True)
    new = run_js(
        result.bundle.path,
        "Object.keys(globalThis).filter(x => !old.has(x))",
        before="const old = new Set(Object.keys(globalThis))",
    )
    assert new == ["BX"]


def test_the_banner_is_a_comment_at_the_top(engine: str, run_js: RunJs) -> None:
    result = bxpull.build(engine=engine, banner="© me */ </script> <!-- \n second line")
    text = result.bundle.path.read_text("utf-8")
    assert text.startswith("/*! © me * / <\\/script> <\\!-- \n second line */\n")
    assert run_js(result.bundle.path, "BX.greeting") == "hello 0"


@pytest.mark.parametrize("target", ["es2015", "esnext"])
def test_the_target_is_what_the_client_is_lowered_to(engine: str, target: str) -> None:
    text = bxpull.build(engine=engine, target=target, minify=False).bundle.path.read_text("utf-8")
    assert ("settings?.userId" in text) is (target == "esnext")


def test_the_manifest_tells_the_truth_and_no_secrets(workdir: Path, engine: str) -> None:
    result = bxpull.build(
        engine=engine,
        config_url="https://portal.example/pull?auth=s3cret",
        sourcemap="linked",
        scripts=[],
        out="dist/app.js",
    )
    text = result.file("manifest").path.read_text("utf-8")
    manifest = json.loads(text)
    assert "s3cret" not in text
    assert str(workdir) not in text
    assert manifest["engine"]["name"] == engine
    assert manifest["options"]["config_url"] == "https://portal.example/pull?…"
    listed = {item["path"]: item for item in manifest["files"]}
    assert set(listed) == {"app.js", "app.js.map", "snippet.html", "demo.html", "demo.js", "demo.css"}
    for item in result.files:
        assert item.path.stat().st_size == item.bytes
        if item.kind != "manifest":
            assert listed[item.path.name]["integrity"] == item.integrity
            assert listed[item.path.name]["gzip_bytes"] == item.gzip_bytes
