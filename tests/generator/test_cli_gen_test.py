"""``bxpull gen-test``: what is written, and what is refused."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bxpull.cli import main

MESSAGE: dict[str, Any] = {
    "time": "2026-11-30T00:26:13.987Z",
    "module": "im",
    "command": "message",
    "params": {"id": 1},
}


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["gen-test", *arguments], given)


def text_of(*lines: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def capture(*lines: dict[str, Any], name: str = "chat-1.jsonl") -> str:
    Path(name).write_text(text_of(*lines), "utf-8")
    return name


def to(user: int, **params: Any) -> list[dict[str, Any]]:
    return [{"channel": "private", "user": user, **params}]


def test_a_short_capture_is_in_the_test_and_its_name_says_of_what() -> None:
    Path("captures").mkdir()
    done = run(capture(MESSAGE, {**MESSAGE, "kind": "client"}, name="captures/chat-1.jsonl"))
    assert (done.exit_code, done.stdout) == (0, "wrote test_chat_1.py; run it with 'pytest test_chat_1.py'\n")
    assert "lines left out: 1 client (published by pages" in done.stderr
    text = Path("test_chat_1.py").read_text("utf-8")
    ast.parse(text)
    assert 'pull_events.expect_call(module="im", command="message", params={"id": 1})' in text
    assert '"""The events of chat-1.jsonl, ' in text


def test_a_long_capture_is_beside_the_test() -> None:
    lines = [{**MESSAGE, "params": {"id": n}, "mid": str(n), "calls": ["onPullEvent-im"]} for n in range(21)]
    done = run("-", "-o", "tests/test_long.py", "--json", given=text_of(*lines))
    assert json.loads(done.stdout) == {
        "files": ["tests/test_long.jsonl", "tests/test_long.py"],
        "events": 21,
        "left_out": {},
    }
    ast.parse(Path("tests/test_long.py").read_text("utf-8"))
    written = Path("tests/test_long.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["params"]["id"] for line in written] == list(range(21))
    assert json.loads(written[0])["calls"] == ["onPullEvent-im"]
    large = {**MESSAGE, "params": {"text": "x" * 5000}}
    assert len(json.loads(run("-", "--json", given=text_of(large)).stdout)["files"]) == 2


@pytest.mark.parametrize("levels", [100, 700])
def test_a_deeper_capture_than_python_reads_is_beside_the_test(levels: int) -> None:
    params: dict[str, Any] = {}
    for _ in range(levels):
        params = {"in": params}
    assert run(capture({**MESSAGE, "params": params})).exit_code == 0
    ast.parse(Path("test_chat_1.py").read_text("utf-8"))
    assert json.loads(Path("test_chat_1.jsonl").read_text("utf-8"))["params"] == params


def test_the_page_is_of_the_user_whom_the_lines_name() -> None:
    lines = [
        {**MESSAGE, "targets": to(5, params={"own": 1})},
        {**MESSAGE, "targets": [{"channel": "shared"}]},
    ]
    assert run(capture(*lines)).stderr == ""
    text = Path("test_chat_1.py").read_text("utf-8")
    assert "@pytest.mark.pull_server(user=5)" in text
    assert "pull_user(5).replay(CAPTURE)" in text
    assert 'params={"id": 1, "own": 1}' in text


def test_who_is_told_what_was_for_others_is_said() -> None:
    name = capture({**MESSAGE, "targets": to(5, params={"own": 1})}, {**MESSAGE, "targets": to(-6)})
    assert (
        "chat-1.jsonl: was for users -6, 5, and all of it is told to user 1: choose one" in run(name).stderr
    )
    assert run(name, "--user", "5", "--force").stderr == ""
    assert 'params={"id": 1, "own": 1}' in Path("test_chat_1.py").read_text("utf-8")


def test_what_is_there_is_overwritten_only_when_asked_to() -> None:
    name = capture(*[MESSAGE] * 21)
    Path("test_chat_1.jsonl").write_text("mine", "utf-8")
    done = run(name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "test_chat_1.jsonl exists already; use --force to overwrite it" in done.stderr
    assert Path("test_chat_1.jsonl").read_text("utf-8") == "mine"
    assert not Path("test_chat_1.py").exists()
    assert run(name, "--force").exit_code == 0
    assert run(name).exit_code == 2
    done = run(capture(*[MESSAGE] * 21, name="test_mine.jsonl"), "-o", "test_mine.py", "--force")
    assert "test_mine.jsonl is the capture itself; choose another name for the test with -o" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["gone.jsonl"], "Error: gone.jsonl: cannot be read: No such file or directory\n"),
        (["chat.jsonl", "-o", "chat-1.py"], "Error: chat-1.py: a test must have a name like test_chat.py; "),
        (["chat.jsonl", "-o", "test_chat"], "Error: test_chat: a test must have a name like test_chat.py; "),
        (["chat.jsonl", "--user", "-1"], "Invalid value for '--user': -1 must be the id of a user, at least"),
        (["chat.jsonl", "--command", "x"], "Error: chat.jsonl: none of its 1 events is of that module and"),
    ],
)
def test_what_cannot_be_used_ends_with_2(arguments: list[str], problem: str) -> None:
    capture(MESSAGE, name="chat.jsonl")
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr


def test_no_name_and_no_address_becomes_code() -> None:
    name = capture(MESSAGE, name='a""";import os;"\\.jsonl')
    assert run(name, "--url", "http://x/'\"\n;import os").exit_code == 0
    [path] = Path().glob("test_*.py")
    tree = ast.parse(path.read_text("utf-8"))
    imported = [node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)]
    assert imported == ["pytest"]
