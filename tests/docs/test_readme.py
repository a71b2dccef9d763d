"""The README's figures are the ones of now."""

import subprocess
import sys

from tests.docs.markdown import ROOT


def test_the_size_is_the_manifest_s() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "readme.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
