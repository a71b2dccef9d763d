"""Whose code is in a bundle: ours alone, so that one licence covers it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = "client/src/"


@pytest.mark.parametrize("entry", ["main.ts", "worker.ts"])
def test_a_bundle_has_no_code_of_others(tmp_path: Path, entry: str) -> None:
    facts = tmp_path / "facts.json"
    esbuild = ["npx", "esbuild", "--bundle", "--log-level=error", f"--metafile={facts}"]
    subprocess.run([*esbuild, f"--outfile={tmp_path / 'out.js'}", SOURCES + entry], cwd=ROOT, check=True)
    inputs = list(json.loads(facts.read_text("utf-8"))["inputs"])
    assert inputs
    assert [path for path in inputs if not path.startswith(SOURCES)] == []
