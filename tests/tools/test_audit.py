"""tools.audit, with registries that answer this and that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NO_ANSWER = {"message": "405 Method Not Allowed"}
CLEAN = {"vulnerabilities": {}, "metadata": {"vulnerabilities": {"total": 0}}}
WEAK = {"vulnerabilities": {"lodash": {"severity": "high"}}, "metadata": {"vulnerabilities": {"total": 1}}}


@pytest.mark.parametrize(
    ("answer", "said", "status"),
    [
        (NO_ANSWER, "npm: not audited, nobody answers: 405 Method Not Allowed", 0),
        (CLEAN, "npm: No known vulnerabilities found", 0),
        (WEAK, "npm: WEAK: lodash (high)", 1),
    ],
)
def test_a_weakness_fails_and_no_answer_is_told(
    tmp_path: Path, answer: dict[str, Any], said: str, status: int
) -> None:
    npm = tmp_path / "npm"
    npm.write_text(f"#!{sys.executable}\nprint('''{json.dumps(answer)}''')\n", "utf-8")
    npm.chmod(0o755)
    # A proxy that is not there, so that nobody is asked for Python.
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "https_proxy": "http://127.0.0.1:1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tools.audit", "--where-possible"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"audit: {said}" in done.stdout.splitlines()
    assert "audit: Python: not audited, nobody answers" in done.stdout
    assert done.returncode == status
