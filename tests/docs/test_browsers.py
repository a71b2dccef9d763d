"""The page about browsers says what the results that are kept say."""

import subprocess
import sys

from tests.docs.markdown import ROOT


def test_the_page_is_the_one_of_the_results() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.browsers", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
