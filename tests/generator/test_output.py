"""What is written: the same bytes each time, in one step, with the right sizes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import stat
from pathlib import Path

import pytest

import bxpull
from bxpull.errors import OutputError
from bxpull.outputs import Output, gzip_size, write_all


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_input_gives_the_same_bytes_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    results = []
    for name in ("here", "elsewhere/deep"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "page.js").write_text("window.page = 1;", "utf-8")
        monkeypatch.chdir(folder)
        bxpull.build(engine=engine, sourcemap="linked", scripts=[folder / "page.js"], user_id=3)
        results.append(_contents(folder / "dist"))
    assert results[0] == results[1]
    assert not [name for name, data in results[0].items() if str(tmp_path).encode() in data]


def test_sizes_and_integrity_are_those_of_the_file() -> None:
    bundle = bxpull.build(minify=True).bundle
    data = bundle.path.read_bytes()
    assert bundle.bytes == len(data)
    assert bundle.gzip_bytes == len(gzip.compress(data, 9, mtime=0))
    assert bundle.integrity == "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


def test_gzip_size_is_that_of_gzip_without_a_name() -> None:
    for data in (b"", b"a" * 10_000, bytes(range(256)) * 9):
        assert gzip_size(data) == len(gzip.compress(data, 9, mtime=0))


def test_results_are_readable_by_a_web_server() -> None:
    for item in bxpull.build().files:
        assert stat.S_IMODE(item.path.stat().st_mode) == 0o644


def test_a_failure_leaves_the_old_file_and_no_litter(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = workdir / "a.txt"
    target.write_text("old", "utf-8")

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_all([Output(target, "bundle", "new")])
    assert _contents(workdir) == {"a.txt": b"old"}


def test_the_bundle_may_have_a_name_of_its_own() -> None:
    result = bxpull.build(out="static/my pull.js", sourcemap="linked", demo=False)
    assert [item.path.name for item in result.files] == [
        "my pull.js",
        "my pull.js.map",
        "snippet.html",
        "manifest.json",
    ]
    assert result.bundle.path.read_text("utf-8").endswith("//# sourceMappingURL=my%20pull.js.map\n")
    assert 'src="my%20pull.js"' in result.file("snippet").path.read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "files", "mentions"),
    [("none", 0, 0), ("linked", 1, 1), ("external", 1, 0), ("inline", 0, 1)],
)
def test_a_source_map_is_where_it_was_asked_for(kind: str, files: int, mentions: int) -> None:
    result = bxpull.build(sourcemap=kind)
    assert sum(item.kind == "map" for item in result.files) == files
    assert result.bundle.path.read_text("utf-8").count("sourceMappingURL") == mentions


def test_a_build_removes_what_the_last_one_of_the_bundle_left(workdir: Path) -> None:
    bxpull.build(sourcemap="linked")
    (workdir / "dist" / "own.txt").write_text("mine", "utf-8")
    (workdir / "dist" / "demo.css").write_text("changed", "utf-8")
    result = bxpull.build(demo=False)
    written = {item.path.name for item in result.files}
    assert written == {"bxpull.js", "snippet.html", "manifest.json"}
    assert set(_contents(workdir / "dist")) == {*written, "own.txt", "demo.css"}


def test_a_build_leaves_another_bundle_in_the_folder_alone(workdir: Path) -> None:
    bxpull.build(out="dist/one.js", sourcemap="linked")
    bxpull.build(out="dist/two.js", demo=False)
    assert set(_contents(workdir / "dist")) >= {"one.js", "one.js.map", "demo.html", "two.js"}


def _manifest(path: str, data: bytes = b"mine") -> str:
    digest = base64.b64encode(hashlib.sha384(data).digest()).decode()
    files = [
        {"path": "bxpull.js", "integrity": ""},
        {"path": path, "integrity": f"sha384-{digest}"},
    ]
    return json.dumps({"manifest": 1, "generator": "bxpull 0", "files": files})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"manifest": 1, "generator": "bxpull 0", "files": 5}',
        _manifest("own.txt").replace("bxpull 0", "another program"),
        _manifest("own.txt", b"of other content"),
        _manifest("../own.txt"),
        _manifest("sub/own.txt"),
        _manifest("sub"),
        _manifest("x" * 10_000),
        _manifest("a\0b"),
        _manifest("link.txt"),
    ],
    ids=lambda text: text[:40],
)
def test_a_build_removes_nothing_that_it_may_not_have_written(workdir: Path, text: str) -> None:
    (workdir / "dist" / "sub").mkdir(parents=True)
    own = [workdir / "own.txt", workdir / "dist" / "own.txt", workdir / "dist" / "sub" / "own.txt"]
    for path in own:
        path.write_text("mine", "utf-8")
    own.append(workdir / "dist" / "link.txt")
    own[-1].symlink_to(own[0])
    (workdir / "dist" / "manifest.json").write_text(text, "utf-8")
    bxpull.build()
    assert [path.read_text("utf-8") for path in own] == ["mine"] * 4


def test_a_left_over_that_cannot_be_removed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    bxpull.build(sourcemap="linked")

    def refused(_self: Path, missing_ok: bool = False) -> None:  # noqa: ARG001 - as pathlib has it
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(OutputError) as caught:
        bxpull.build()
    assert str(caught.value) == (
        "cannot remove dist/bxpull.js.map of an earlier build: Permission denied; remove it"
    )


def test_a_build_result_knows_its_files() -> None:
    result = bxpull.build()
    assert result.file("bundle") == result.bundle
    with pytest.raises(KeyError):
        result.file("map")
    assert (
        json.loads(result.file("manifest").path.read_text("utf-8"))["generator"]
        == f"bxpull {bxpull.__version__}"
    )
