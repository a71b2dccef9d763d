"""From a capture to a test: ``bxpull tail --json``, ``bxpull gen-test``, pytest and its ``--pull-replay``."""

from __future__ import annotations

import json
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
    from bxpull_server.harness import PullEvents

    @pytest.fixture(autouse=True)
    def impatient(monkeypatch):
        expect_call = PullEvents.expect_call
        hasty = lambda self, **wanted: expect_call(
            self, **wanted, timeout=0.1 if wanted["module"] == "im" else 5
        )
        monkeypatch.setattr(PullEvents, "expect_call", hasty)
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


def with_calls(lines: str, *names: str) -> str:
    """The lines, with what was called of each."""
    return "".join(f"{json.dumps({**json.loads(line), 'calls': names})}\n" for line in lines.splitlines())


@pytest.mark.only_browser("chromium")
def test_tests_of_a_capture_pass_and_fail_with_a_broken_handler(
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
    messages = captures["short"].partition("\n")[2]
    Path("good/tailed.jsonl").write_text(captures["short"], "utf-8")
    for folder in pages:
        Path(f"{folder}/called.jsonl").write_text(with_calls(messages, "onPullEvent-im"), "utf-8")
    files = ["good/tailed.jsonl", "good/called.jsonl", "broken/called.jsonl"]
    code = "def test_url(pull_page_url): assert pull_page_url == '/where'"
    result = run_suite(code, ".", "--pull-url=/where", *(f"--pull-replay={file}" for file in files))
    result.assert_outcomes(passed=5, failed=3)
    result.stdout.fnmatch_lines_random(
        [
            "E *the call of a handler im/message with on 'onPullEvent-im', params {'n': 0,*",
            "E *the call of a handler im/message with params {'n': 0,* did not come within*",
            "FAILED broken/called.jsonl::test_replay*",
        ]
    )


@pytest.mark.only_browser("chromium")
def test_captures_that_are_named_are_all_that_is_run(
    pytester: pytest.Pytester, run_suite: Callable[..., pytest.RunResult]
) -> None:
    line = '{"time": "2026-11-30T00:26:13Z", "module": "im", "command": "message"}'
    pytester.path.joinpath("good.jsonl").write_text(line, "utf-8")
    pytester.path.joinpath("bad.jsonl").write_text(f"{line}\n{{", "utf-8")
    files = ("--pull-replay=good.jsonl", f"--pull-replay=../{pytester.path.name}/bad.jsonl")
    result = run_suite("def test_another(): pass", "--collect-only", *files)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["good.jsonl::test_replay*", "*bad.jsonl:2: is not JSON (*"])
    result.stdout.no_fnmatch_line("*test_another*")
    run_suite("", "--pull-replay=.").stderr.fnmatch_lines(
        ["*--pull-replay: *is a folder: name each capture*"]
    )
