"""From a capture to a test: ``bxpull tail --json``, ``bxpull gen-test``, pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bxpull.cli import main
from bxpull_server import PushServer

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = str(Path(sys.executable).with_name("bxpull"))
PAGE = """
    import pytest

    @pytest.fixture
    def pull_page_url(pull_server):
        html = '''<!doctype html><script>
          BX.addCustomEvent("onPullEvent-%s", (command, params) => { document.title = params.n; });
          BX.PULL.subscribe({ moduleId: "main", command: "news", callback: () => {} });
        </script>'''
        pull_server.add_page("/mine.html", "text/html", html)
        return "/mine.html"
"""
# What never comes need not be waited for as long as what may be late.
IMPATIENT = """
    from functools import partialmethod

    from bxpull_server.harness import PullEvents

    @pytest.fixture(autouse=True)
    def impatient(monkeypatch):
        monkeypatch.setattr(PullEvents, "expect_call", partialmethod(PullEvents.expect_call, timeout=0.1))
"""


def tailed(count: int) -> str:
    """What ``bxpull tail`` prints while so many events pass."""
    with (
        PushServer() as server,
        subprocess.Popen(
            [COMMAND, "tail", "--json", "--count", str(count), "--url", server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as tail,
    ):
        assert tail.stderr is not None
        assert tail.stderr.readline().startswith("listening at ")
        server.add_shared(module_id="main", command="news", params=[])
        for n in range(count - 1):
            server.add_by_user(3, module_id="im", command="message", params={"n": n, "of": [1.5, None, "ä"]})
        return tail.communicate(timeout=30)[0]


@pytest.mark.only_browser("chromium")
def test_a_test_of_a_capture_passes_and_fails_with_a_broken_handler(
    pytester: pytest.Pytester, run_suite: Callable[..., pytest.RunResult]
) -> None:
    captures = {"short": tailed(3), "long": tailed(22)}
    pages = {"good": PAGE % "im", "broken": PAGE % "another" + IMPATIENT}
    for folder, page in pages.items():
        (pytester.mkdir(folder) / "conftest.py").write_text(dedent(page), "utf-8")
        for kind in captures:
            Path("capture.jsonl").write_text(captures[kind], "utf-8")
            arguments = ["gen-test", "capture.jsonl", "-o", f"{folder}/test_{folder}_{kind}.py"]
            done = CliRunner().invoke(main, arguments)
            assert (done.exit_code, done.stderr) == (0, "")
    result = run_suite("")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["E *ExpectationError: the call of a handler im/message with params {'n': 0,* did not come within*"]
    )
