"""docs/cli.md shows the help as it is."""

import subprocess
import sys

from tests.docs.markdown import ROOT


def test_the_help_is_the_commands_own() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "cli_page.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_only_generated_blocks_are_plain_text() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert page.count("```text") == page.count("<!-- help:end -->")
