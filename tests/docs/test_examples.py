"""The examples work."""

from __future__ import annotations

import subprocess
import sys

import tree_sitter
import tree_sitter_javascript

from bxpull_server import PushServer
from tests.docs.markdown import ROOT

EXAMPLES = ROOT / "examples"


def send(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / "send_event.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_sender_sends_an_event() -> None:
    with PushServer() as server:
        done = send("--url", server.url, "main", "check", '{"a": 1}')
    assert (done.returncode, done.stderr) == (0, "")
    assert '"delivered":0' in done.stdout


def test_the_sender_says_what_the_server_refused() -> None:
    with PushServer() as server:
        done = send("--url", server.url, "--user", "0", "main", "check")
    assert done.returncode == 1
    assert done.stderr == "user: must be a user id, or a negative guest id, not 0\n"


def test_the_sender_says_that_there_is_no_server() -> None:
    with PushServer() as server:
        url = server.url
    done = send("--url", url, "main", "check")
    assert done.returncode == 1
    assert done.stderr.startswith(f"no server at {url}: ")
    assert done.stderr.endswith("start it with 'bxpull serve'\n")


def test_the_page_loads_files_that_are_there_or_generated() -> None:
    page = (EXAMPLES / "page" / "index.html").read_text("utf-8")
    assert page.index('src="bxpull.js"') < page.index('src="page.js"')
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    assert not parser.parse((EXAMPLES / "page" / "page.js").read_bytes()).root_node.has_error
