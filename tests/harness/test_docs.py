"""The tests in the documentation pass, as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
BLOCK = re.compile(r"(?:`(?P<name>[\w.]+)`[^`]*:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
TEST = re.compile(r"^(?:async )?def test_", re.MULTILINE)


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("page", ["quickstart.md", "harness.md", "harness/clock.md"])
def test_they_pass(page: str, pytester: pytest.Pytester, run_suite: Callable[..., pytest.RunResult]) -> None:
    blocks = list(BLOCK.finditer((DOCS / page).read_text("utf-8")))
    suites = [
        block["text"] for block in blocks if block["language"] == "python" and TEST.search(block["text"])
    ]
    assert suites
    for block in blocks:
        if block["name"] and block["language"] != "python":
            (pytester.path / block["name"]).write_text(block["text"], "utf-8")
    for number, suite in enumerate(suites[1:]):
        (pytester.path / f"test_{number}.py").write_text(suite, "utf-8")
    run_suite(suites[0]).assert_outcomes(passed=len(TEST.findall("\n".join(suites))))
