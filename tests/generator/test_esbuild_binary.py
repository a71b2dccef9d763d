"""Where the esbuild binary is looked for, and what is refused."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bxpull.engines import esbuild_binary, node_modules
from bxpull.engines.esbuild_binary import find_esbuild, require_esbuild
from bxpull.engines.messages import EsbuildMessage, parse_messages
from bxpull.errors import EngineFailedError, EngineMissingError

if TYPE_CHECKING:
    from pathlib import Path


def program(path: Path, output: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{output}'\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hides this repository's own node_modules and what is on PATH."""
    monkeypatch.setattr(node_modules, "__file__", str(tmp_path / "lib" / "node_modules.py"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("BXPULL_ESBUILD", raising=False)


@pytest.mark.usefixtures("nothing_installed")
def test_none_is_an_error_only_when_native_is_asked_for() -> None:
    assert find_esbuild() is None
    with pytest.raises(EngineMissingError) as caught:
        require_esbuild()
    assert str(caught.value) == (
        "engine native: no esbuild 0.25 or newer found; run 'npm install esbuild', "
        "or set $BXPULL_ESBUILD to an esbuild binary, or use engine embedded"
    )


@pytest.mark.usefixtures("nothing_installed")
def test_the_nearest_node_modules_upwards_is_used(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    near = program(workdir / "node_modules" / ".bin" / "esbuild", "0.28.2")
    program(workdir.parent / "node_modules" / ".bin" / "esbuild", "0.28.1")
    (workdir / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(workdir / "a" / "b")
    found = find_esbuild()
    assert found
    assert (found.path, found.version, found.origin) == (near, "0.28.2", "node_modules")


@pytest.mark.usefixtures("nothing_installed")
def test_the_platform_binary_is_preferred_and_not_started_for_its_version(workdir: Path) -> None:
    program(workdir / "node_modules" / ".bin" / "esbuild", "0.28.2")
    package = workdir / "node_modules" / "@esbuild" / esbuild_binary._platform()
    binary = program(package / "bin" / "esbuild", "must not run")
    (package / "package.json").write_text('{"version": "0.27.3"}', "utf-8")
    found = find_esbuild()
    assert found
    assert (found.path, found.version) == (binary, "0.27.3")


@pytest.mark.usefixtures("nothing_installed")
def test_an_old_esbuild_is_passed_by_for_one_on_path(workdir: Path, tmp_path: Path) -> None:
    program(workdir / "node_modules" / ".bin" / "esbuild", "0.14.0")
    good = program(tmp_path / "bin" / "esbuild", "0.28.0")
    found = find_esbuild()
    assert found
    assert (found.path, found.origin) == (good, "PATH")


@pytest.mark.parametrize(
    ("output", "reason"), [("0.14.0", "is esbuild 0.14.0, too old"), ("hello", "does not run as esbuild")]
)
def test_the_environment_must_name_a_usable_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, reason: str
) -> None:
    path = program(tmp_path / "my-esbuild", output)
    monkeypatch.setenv("BXPULL_ESBUILD", str(path))
    with pytest.raises(EngineMissingError) as caught:
        find_esbuild()
    assert str(caught.value) == (
        f"$BXPULL_ESBUILD: {path} {reason}; point it at esbuild 0.25 or newer, or unset it"
    )


def test_messages_are_read_with_their_places_and_without_notes() -> None:
    output = (
        '✘ [ERROR] The symbol "a" has already been declared\n\n    b c.js:2:4:\n'
        "      2 │ let a\n        ╵     ^\n\n"
        '  The symbol "a" was originally declared here:\n\n    b c.js:1:4:\n      1 │ let a\n\n'
        "✘ [ERROR] Something without a place\n\n2 errors\n"
    )
    assert parse_messages(output) == [
        EsbuildMessage('The symbol "a" has already been declared', "b c.js", 2, 4),
        EsbuildMessage("Something without a place"),
    ]


def test_a_client_that_does_not_bundle_is_reported_with_its_places(
    tmp_path: Path, fake_client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bxpull

    broken = tmp_path / "broken"
    shutil.copytree(fake_client, broken)
    (broken / "install.ts").write_text('import "./gone";\nlet a = ;\n', "utf-8")
    monkeypatch.setenv("BXPULL_CLIENT_SRC", str(broken))
    with pytest.raises(EngineFailedError) as caught:
        bxpull.build(engine="native")
    assert str(caught.value) == 'esbuild could not bundle the client:\n  install.ts:2:9: Unexpected ";"'
