"""The example that runs without pytest; the others are run as what they are, suites of pytest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.docs.markdown import ROOT


@pytest.mark.only_browser("chromium")
@pytest.mark.usefixtures("browser_name")
def test_unittest_runs_the_example_that_has_no_pytest() -> None:
    command = [sys.executable, "-m", "unittest", "discover", "examples/unittest_only"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr
