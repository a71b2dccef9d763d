"""Type declarations: what they have, where they are, and what compiles with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import bxpull
from bxpull import terser
from bxpull.declarations import declarations, declarations_name
from bxpull.engines import esbuild_binary
from bxpull.locate import client_root
from bxpull.options import BuildOptions
from bxpull.settings_file import load_settings
from tests.generator.support import contents
from tests.typescript import compile_with_declarations

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "client" / "tests" / "public" / "page.ts"

OF_THE_STAND_IN = """\
/** Known events. */
interface BxPullEvents {}

/** Types of the Pull client. */
declare namespace BxPull {
  /** What it says. */
  type Greeting = string;

  /** The stand-in. */
  interface Bx extends Record<string, any> {
    /** Unlike Unneeded, which is not needed; {@link Name}. */
    greeting: Greeting;
    PULL: Pick<BxPullEvents, never>;
    PullClient: Name;
  }

  type Name =
    | "FakeClient"
    | "Other";
}

declare var BX: BxPull.Bx;

interface Window {
  BX: BxPull.Bx;
}
"""


@pytest.fixture
def real_client(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkout's own client."""
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    return client_root()


def test_without_the_option_there_are_none() -> None:
    assert "types" not in {item.kind for item in bxpull.build().files}


def test_they_are_taken_from_the_sources_with_what_they_need_and_nothing_else(engine: str) -> None:
    result = bxpull.build(engine=engine, types=True)
    assert result.file("types").path.read_text("utf-8") == OF_THE_STAND_IN


def test_those_of_a_module_say_what_it_exports_and_what_is_global() -> None:
    text = bxpull.build(format="esm", types=True).file("types").path.read_text("utf-8")
    inner = OF_THE_STAND_IN.replace("declare ", "")
    head, _, exports = text.partition("\n}\n")
    assert head == "declare global {\n" + "".join(
        f"  {line}" if line.strip() else line for line in inner.splitlines(keepends=True)
    ).rstrip("\n")
    assert [line for line in exports.splitlines() if line.startswith("export")] == [
        "export declare const BX: BxPull.Bx;",
        'export declare const PullClient: BxPull.Bx["PullClient"];',
        'export declare const PULL: BxPull.Bx["PULL"];',
    ]


@pytest.mark.parametrize(
    ("out", "format_", "name"),
    [
        ("site", "iife", "bxpull.d.ts"),
        ("site/pull.min.js", "iife", "pull.min.d.ts"),
        ("site/pull.js", "esm", "pull.d.ts"),
        ("site/pull.mjs", "esm", "pull.d.mts"),
        ("site/pull.mjs", "iife", "pull.d.ts"),
    ],
)
def test_they_lie_beside_the_bundle_under_the_name_that_typescript_looks_for(
    out: str, format_: str, name: str
) -> None:
    result = bxpull.build(out=out, format=format_, types=True)
    assert result.file("types").path == Path("site", name)
    assert declarations_name(result.bundle.path.name, format_) == name


def test_nothing_else_changes_with_them() -> None:
    without = contents(bxpull.build(out="without", console=True))
    with_them = contents(bxpull.build(out="with", console=True, types=True))
    assert with_them.pop("bxpull.d.ts")
    assert with_them == without


def test_they_need_no_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as bare:
        bare.setenv("PATH", str(tmp_path))
        bare.setattr(esbuild_binary, "node_modules_folders", list)
        bare.setattr(terser, "node_modules_folders", list)
        result = bxpull.build(types=True)
    assert (result.engine, result.warnings) == ("embedded", ())
    assert result.file("types").bytes


def test_the_manifest_lists_them() -> None:
    result = bxpull.build(types=True)
    manifest = json.loads(result.file("manifest").path.read_text("utf-8"))
    assert manifest["options"]["types"] is True
    assert [item["path"] for item in manifest["files"] if item["kind"] == "types"] == ["bxpull.d.ts"]


def test_those_of_an_earlier_build_are_removed() -> None:
    path = bxpull.build(types=True).file("types").path
    bxpull.build()
    assert not path.exists()


def test_a_banner_is_theirs_too_and_ends_no_comment() -> None:
    text = bxpull.build(types=True, banner="Licence */ x").file("types").path.read_text("utf-8")
    assert text.startswith("/*! Licence ")
    assert text.index("*/") == text.index("\n") - 2


def test_the_settings_file_switches_them_on(workdir: Path) -> None:
    (workdir / "bxpull.toml").write_text("[build]\ntypes = true\n", "utf-8")
    assert bxpull.build(load_settings()).file("types").bytes


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        ({}, "public/index.ts, which its types need, is missing"),
        ({"index": 'export type { A } from "./a";'}, "public/a.ts, which its types need, is missing"),
        (
            {"index": 'export type { A } from "./a";', "a": "export const A = 1;"},
            "public/a.ts declares no interface or type A",
        ),
        (
            {
                "index": 'export type { A } from "./a";\nexport type { B } from "./b";',
                "a": "type Name = string;\nexport interface A {\n  name: Name;\n}",
                "b": "type Name = number;\nexport interface B {\n  name: Name;\n}",
            },
            "types Name of public/a and public/b need two names",
        ),
    ],
    ids=["no index", "no module", "no type", "two of a name"],
)
def test_sources_that_lack_something_are_named(tmp_path: Path, sources: dict[str, str], message: str) -> None:
    folder = tmp_path / "client" / "public"
    folder.mkdir(parents=True)
    (folder / "globals.d.ts").write_text("", "utf-8")
    for name, text in sources.items():
        (folder / f"{name}.ts").write_text(f"{text}\n", "utf-8")
    with pytest.raises(bxpull.BxpullError, match=message):
        declarations(folder.parent, BuildOptions())


@pytest.mark.usefixtures("real_client")
@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_a_page_compiles_with_the_clients_own_and_mistakes_do_not(workdir: Path, format_: str) -> None:
    shutil.copy(PAGE, workdir)
    assert compile_with_declarations(workdir, PAGE.name, format_=format_) == ""


@pytest.mark.usefixtures("real_client")
def test_without_declared_events_all_are_loose(workdir: Path) -> None:
    (workdir / "page.ts").write_text(
        """
        BX.addCustomEvent("onPullEvent-im", (command, params) => [command.length, params.any.thing]);
        BX.PULL.subscribe({ moduleId: "im", command: "message", callback: (params) => params.any.thing });
        BX.PULL.subscribe({ moduleId: "im", callback: ({ command, params }) => [command, params.any] });
        """,
        "utf-8",
    )
    exact = ("--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess")
    assert compile_with_declarations(workdir, "page.ts", flags=exact) == ""


@pytest.mark.usefixtures("real_client")
def test_a_module_is_imported_with_its_types(workdir: Path) -> None:
    (workdir / "app.ts").write_text(
        """
        import { BX, PULL, PullClient } from "./bxpull.js";
        declare global {
          interface BxPullEvents { im: { message: { id: number } } }
        }
        PULL.subscribe({ moduleId: "im", command: "message", callback: ({ id }) => id.toFixed() });
        // @ts-expect-error a misspelt field
        PULL.subscribe({ moduleId: "im", command: "message", callback: ({ ID }) => ID });
        BX.PULL === PULL && window.BX.PullClient === PullClient;
        const error: BxPull.PullError = await PULL.start().catch((reason) => reason);
        if (error.code === "TIMEOUT") error.status.toFixed();
        """,
        "utf-8",
    )
    modules = ("--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022")
    assert compile_with_declarations(workdir, "app.ts", format_="esm", flags=modules) == ""
