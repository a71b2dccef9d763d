"""The bundles of the embedded engine: made once, noticed when old."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder

import bxpull
from bxpull import prebuild
from bxpull.errors import EngineFailedError, EngineMissingError, PrebuiltError
from bxpull.options import FORMATS, TARGETS

REPOSITORY = Path(__file__).parents[2]
STALE = (
    "engine embedded: the prebuilt client is older than its sources; run 'python -m bxpull.prebuild' "
    "(it needs esbuild and terser once), or use engine native"
)


@pytest.fixture
def own_client(tmp_path: Path, fake_client: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client and bundles that a test may change."""
    folder = tmp_path / "client"
    shutil.copytree(fake_client, folder)
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(folder))
    monkeypatch.setenv("BXPULL_PREBUILT", str(tmp_path / "prebuilt"))
    return folder


@pytest.fixture
def bundled_client(own_client: Path, prebuilt_fake: Path, tmp_path: Path) -> Path:
    """The same, its bundles up to date."""
    shutil.copytree(prebuilt_fake, tmp_path / "prebuilt")
    return own_client


def test_ensure_works_only_when_there_is_something_to_do(own_client: Path) -> None:
    assert prebuild.ensure() is True
    assert prebuild.ensure() is False
    (own_client / "sub" / "greet.ts").write_text(
        "export const greet = (id: number) => `bye ${id}`;\n", "utf-8"
    )
    with pytest.raises(PrebuiltError) as caught:
        bxpull.build(engine="embedded")
    assert str(caught.value) == STALE
    assert prebuild.ensure() is True
    assert "bye" in bxpull.build(engine="embedded").bundle.path.read_text("utf-8")


def test_a_new_file_among_the_sources_makes_the_bundles_old_but_an_editors_does_not(
    bundled_client: Path,
) -> None:
    (bundled_client / ".install.ts.swp").write_text("", "utf-8")
    assert prebuild.ensure() is False
    (bundled_client / "new.ts").write_text("", "utf-8")
    assert prebuild.ensure() is True


@pytest.mark.usefixtures("bundled_client")
def test_a_lost_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "prebuilt").glob("*.js"):
        path.unlink()
    with pytest.raises(PrebuiltError, match=r"\.js is missing; run 'python -m bxpull\.prebuild' "):
        bxpull.build(engine="embedded")
    assert prebuild.ensure() is True
    bxpull.build(engine="embedded")


@pytest.mark.usefixtures("own_client")
def test_the_stamp_names_every_variant_and_nothing_else_lies_about(tmp_path: Path) -> None:
    prebuild.ensure()
    stamp = json.loads((tmp_path / "prebuilt" / "stamp.json").read_text("utf-8"))
    entries = 2 * len(FORMATS) + 2  # with and without sharing; worker and console
    assert len(stamp["variants"]) == entries * len(TARGETS) * 2
    named = {name for files in stamp["variants"].values() for name in files.values()}
    assert {path.name for path in (tmp_path / "prebuilt").iterdir()} == {*named, "stamp.json"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("._prebuilt")] == []


@pytest.mark.usefixtures("own_client")
def test_without_esbuild_the_command_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise EngineMissingError("no esbuild here")

    monkeypatch.setattr(prebuild, "require_esbuild", missing)
    assert prebuild.main() == 1
    assert capsys.readouterr().err == "Error: no esbuild here\n"


@pytest.mark.usefixtures("own_client")
def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert prebuild.main() == 0
    assert prebuild.main() == 0
    assert capsys.readouterr().out == "prebuilt the client\nthe prebuilt client is up to date\n"


def test_a_client_that_lost_the_place_of_its_settings_is_no_client(own_client: Path) -> None:
    with (own_client / "install.ts").open("a", encoding="utf-8") as file:
        file.write("declare const __BXPULL_SETTINGS__: unknown;\nvoid [__BXPULL_SETTINGS__].pop();\n")
    with pytest.raises(
        EngineFailedError, match=r"^the bundled client has __BXPULL_SETTINGS__ 2 times, not 1$"
    ):
        prebuild.ensure()


@pytest.mark.usefixtures("bundled_client")
def test_an_own_entry_needs_the_native_engine(workdir: Path) -> None:
    (workdir / "own").mkdir()
    (workdir / "own" / "entry.js.j2").write_text(
        'import { install } from "./install";\nwindow.mine = install({{ settings }}, []);\n', "utf-8"
    )
    assert "window.mine" in bxpull.build(engine="native", templates="own").bundle.path.read_text("utf-8")
    with pytest.raises(
        PrebuiltError, match=r"^engine embedded: an own entry\.js\.j2 needs the client bundled anew"
    ):
        bxpull.build(engine="embedded", templates="own")


def test_the_sdist_has_all_that_its_makefile_needs() -> None:
    packed = {item.distribution_path for item in SdistBuilder(str(REPOSITORY)).recurse_included_files()}
    # hatchling adds LICENSE, README.md and pyproject.toml by itself.
    needed = {
        ".ci/run",
        ".npmrc",
        ".pre-commit-config.yaml",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "bench/first_event.py",
        "biome.json",
        "client/src/install.ts",
        "client/tsconfig.json",
        "docs/generator.md",
        "examples/page/index.html",
        "generator/bxpull/__init__.py",
        "package-lock.json",
        "package.json",
        "requirements/dev.lock",
        "requirements/node.lock",
        "server_stub/bxpull_server/__init__.py",
        "tests/generator/golden/demo.js",
        "tools/setup.py",
    }
    assert needed <= packed
    assert not [path for path in packed if path.startswith((".venv", "node_modules", "build/"))]


def test_the_packaging_hook_bundles_the_client_and_leaves_editable_installs_alone(tmp_path: Path) -> None:
    import runpy

    (tmp_path / "generator" / "bxpull").mkdir(parents=True)
    shutil.copytree(Path(__file__).parent / "fake_client", tmp_path / "client" / "src")
    hook_class = runpy.run_path(str(REPOSITORY / "tools" / "hatch_build.py"))["PrebuildHook"]
    hook = hook_class(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    hook.initialize("editable", {})
    assert not (tmp_path / "generator" / "bxpull" / "_prebuilt").exists()
    hook.initialize("standard", {})
    assert (tmp_path / "generator" / "bxpull" / "_prebuilt" / "stamp.json").is_file()
    (tmp_path / "client" / "src" / "install.ts").write_text("let a = ;", "utf-8")
    with pytest.raises(
        RuntimeError, match=r"^packaging bxpull needs the client bundled by esbuild and terser: "
    ):
        hook.initialize("standard", {})
