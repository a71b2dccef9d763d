"""``bxpull send`` and ``bxpull tail``, as people run them against a running server."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.sync.client import connect

from bxpull.cli.parameters import DEFAULT_URL
from bxpull_server import PushServer
from bxpull_server.options import DEFAULT_PORT

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [str(Path(sys.executable).with_name("bxpull"))]
LIMIT_S = 30


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    for name in ("BXPULL_URL", "BXPULL_CONTROL_TOKEN", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushServer]:
    """A running server, and the commands know its address."""
    with PushServer() as server:
        monkeypatch.setenv("BXPULL_URL", server.url)
        yield server


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], input=given, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )


@contextmanager
def page(server: PushServer, user: int = 1) -> Iterator[None]:
    """A connected page of a user."""
    channels = server.config(user)["channels"]
    ids = f"{channels['private']['id']}%2F{channels['shared']['id']}"
    url = f"{server.url.replace('http', 'ws', 1)}/bitrix/subws/?CHANNEL_ID={ids}"
    with connect(url, proxy=None):
        server.wait_connected(user)
        yield


class Tail:
    """A running ``bxpull tail`` that listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def said(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self) -> int:
        return self.process.wait(LIMIT_S)


@contextmanager
def tail(*arguments: str) -> Iterator[Tail]:
    with subprocess.Popen(
        [*COMMAND, "tail", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            found = Tail(process)
            assert found.said().startswith("listening at http://127.0.0.1:")
            yield found
        finally:
            process.kill()


def test_send_tells_the_event_and_how_many_pages_get_it(server: PushServer) -> None:
    with page(server):
        done = run("send", "--user", "1", "main", "check", '{"a": 1}')
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"sent \d{26}, queued for 1 connection\n", done.stdout)


def test_send_says_how_to_be_there_when_nobody_is(server: PushServer) -> None:
    done = run("send", "--user", "7", "main", "check")
    assert done.returncode == 0
    assert done.stdout.endswith("queued for 0 connections\n")
    assert done.stderr == (
        "Nobody is connected as user 7: open a page with ?bxpull_user=7, "
        f"such as {server.url}/?bxpull_user=7\n"
    )
    assert "guest -3: open a page built with --guest-id -3" in run("send", "--guest", "-3", "m", "c").stderr
    assert f"Nobody is connected: open {server.url}/" in run("send", "--shared", "m", "c").stderr
    assert "any of these users" in run("send", "--user", "1", "--user", "2", "m", "c").stderr
    assert "Nobody listens to this channel" in run("send", "--channel", "0" * 32, "m", "c").stderr
    assert run("send", "--tag", "T", "m", "c").stdout == "Nobody watches 'T': nothing was sent.\n"
    server.watch_add(1, "T")
    assert "Nobody who watches the tag is connected" in run("send", "--tag", "T", "m", "c").stderr


@pytest.mark.usefixtures("server")
def test_send_answers_in_json() -> None:
    done = run("send", "--json", "--user", "1", "main", "check")
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert (sorted(answer), answer["delivered"]) == (["delivered", "mid"], 0)


def test_the_event_is_sent_as_it_was_given(server: PushServer) -> None:
    Path("params.json").write_text('\ufeff{"from": "file ä"}', "utf-8")
    with tail("--json", "--count", "3", "--url", server.url) as seen:
        run("send", "--user", "1", "--guest", "-2", "Main", "check", "@params.json", "--expiry", "0")
        run("send", "--shared", "main", "check", "-", given='{"from": "stdin"}')
        run("send", "--user", "1", "main", "check", "--extra", '{"x": 1}')
        first, second, third = (json.loads(seen.line()) for _ in range(3))
        assert seen.end() == 0
    assert (first["module"], first["params"], first["expiry"]) == ("main", {"from": "file ä"}, 0)
    assert [target["user"] for target in first["targets"]] == [1, -2]
    assert (second["targets"], second["params"]) == ([{"channel": "shared"}], {"from": "stdin"})
    assert (third["params"], third["extra"]["x"]) == ([], 1)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["m", "c"], "Error: No target: give --user N, --guest -N, --shared, --tag TAG or --channel ID."),
        (["--user", "1", "--shared", "m", "c"], "Error: Two targets: --user and --shared."),
        (["--guest", "5", "m", "c"], "Error: Invalid value for '--guest': 5 must be negative, like -1."),
        (["--user", "x", "m", "c"], "Error: Invalid value for '--user': 'x' is not a valid integer."),
        (["--user", "1", "m"], "Error: Missing argument 'COMMAND'."),
        (
            ["--user", "1", "m", "c", '{"a": }'],
            'is not JSON: Expecting value at line 1, column 7\n    1 | {"a": }\n      |       ^\n',
        ),
        (
            ["--user", "1", "m", "c", "{a: 1}"],
            "Error: params: is not JSON (quote it for the shell: '{\"a\": 1}'): ",
        ),
        (
            ["--user", "1", "m", "c", '{"a": NaN}'],
            "Error: params: NaN is no JSON value; write null, or a number\n",
        ),
        (["--user", "1", "m", "c", "9" * 5000], "Error: params: has a number too long to read\n"),
        (["--user", "1", "m", "c", "[" * 100_000], "Error: params: is nested too deeply\n"),
        (
            ["--user", "1", "m", "c", "@gone.json"],
            "Error: params from gone.json: cannot be read: No such file or directory\n",
        ),
        (["--user", "1", "m", "c", "--extra", "["], "Error: extra: is not JSON: Expecting value at"),
        (["--user", "1", "m", "c", "-", "--extra", "-"], "Error: Standard input can be read only once"),
        (
            ["--user", "1", "m", "c", "--url", "ws://x"],
            "Error: url 'ws://x': is no address of a server; give one",
        ),
        (["--user", "1", "m", "c", "--url", "http://x:y"], "Error: url 'http://x:y': is no address ("),
        (["--user", "1", "m", "c", "--url", "http://a..b"], "Error: url 'http://a..b': is no address (parts"),
        (
            ["--user", "1", "m", "c", "--url", "http://a:b@x"],
            "Error: url: must not hold a name or password; ",
        ),
        (["--user", "1", "m", "c", "--control-token", "ä"], "Error: control token: must be printable ASCII"),
    ],
)
def test_what_cannot_be_used_ends_with_2(arguments: list[str], problem: str) -> None:
    done = run("send", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["send", "--user", "1", "m", "c"], ["tail"]])
def test_without_a_server_it_says_how_to_start_one(command: list[str]) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        done = run(*command, "--url", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: no push server at {url} (Connection refused): start one with 'bxpull serve', "
        "or give the address of the one that runs with --url\n"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["send", "--user", "0", "m", "c"], "user: must be a user id, or a negative guest id, not 0"),
        (["send", "--user", "1", "m", "c d"], "command: 'c d' must consist of letters, digits"),
        (["send", "--user", "1", "m", "c", "[1]"], "params: must be a mapping"),
        (["tail", "--user", "0"], "user: must be a user id"),
        (
            ["tail", "--control-token", "wrong"],
            "the control token is wrong: start the server with --control-",
        ),
    ],
)
@pytest.mark.usefixtures("server")
def test_what_the_server_refuses_is_told_in_its_words(arguments: list[str], problem: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {problem}")


def test_only_a_closed_control_api_is_opened_by_a_token() -> None:
    """A wrong signature is refused with the same status."""
    channel = f"{'a' * 32}.{'b' * 40}"
    with PushServer() as server:
        done = run("send", "--channel", channel, "m", "c", "--url", server.url)
    assert done.returncode == 1
    assert done.stderr.endswith("has a wrong signature: ask for a new config (pull.config.get)\n")
    assert channel not in done.stderr


def test_a_server_without_tls_is_called_so() -> None:
    with PushServer() as server:
        url = server.url.replace("http:", "https:")
        done = run("send", "--user", "1", "m", "c", "--url", url)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"Error: no push server at {url} (it does not speak TLS: its address begins with http://): start one"
    )


def test_the_control_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with PushServer(control_token="t0ken") as server:
        monkeypatch.setenv("BXPULL_URL", server.url)
        monkeypatch.setenv("BXPULL_CONTROL_TOKEN", "t0ken")
        assert run("send", "--user", "1", "m", "c").returncode == 0
        monkeypatch.setenv("BXPULL_CONTROL_TOKEN", "other")
        refused = run("send", "--user", "1", "m", "c")
    assert refused.returncode == 1
    assert "other" not in refused.stderr


def test_another_program_at_the_address_is_told_apart(server: PushServer) -> None:
    done = run("tail", "--url", f"{server.url}/elsewhere")
    assert done.returncode == 1
    assert "answers with status 404: this is no push server of bxpull" in done.stderr


def test_tail_shows_an_event_at_once_and_in_words(server: PushServer) -> None:
    with page(server, 5), tail("--user", "5") as seen:
        server.add_by_user(6, module_id="main", command="not-for-5")
        mid = server.add_by_user(5, module_id="main", command="check", params={"a": "ä\x1b\u009b"})
        # Nothing else happens that could bring them out of a buffer.
        headline, params = seen.line(), seen.line()
        assert re.fullmatch(rf"\d\d:\d\d:\d\d\.\d{{3}}  user 5  main/check  1 connection  {mid}\n", headline)
        assert params == '  {"a": "ä\\u001b\\u009b"}\n'
        server.add_shared(module_id="main", command="news")
        assert "  everybody  main/news  1 connection  " in seen.line()
        seen.process.send_signal(signal.SIGINT)
        assert seen.end() == 0
        assert seen.said() == ""


def test_tail_shows_all_of_it_when_asked_to(server: PushServer) -> None:
    with tail("--full", "--extra", "--module", "main", "--command", "check") as seen:
        server.add_by_user(1, module_id="main", command="other")
        server.add_by_users(
            range(1, 9), module_id="main", command="check", params={"a": 1}, user_params={2: {"b": 2}}
        )
        assert "  user 1, user 2, user 3, user 4, user 5 and 3 more  main/check" in seen.line()
        assert [seen.line() for _ in range(3)] == ["  {\n", '    "a": 1\n', "  }\n"]
        assert [seen.line() for _ in range(3)] == ["  user 2 also: {\n", '    "b": 2\n', "  }\n"]
        assert seen.line() == "  extra: {\n"


def test_tail_ends_with_1_when_the_server_goes_away(server: PushServer) -> None:
    with tail() as seen:
        server.stop()
        assert seen.end() == 1
        assert seen.said() == (
            f"Error: the server at {server.url} went away; --follow waits for it to come back\n"
        )


def test_tail_follows_a_server_that_comes_back(server: PushServer) -> None:
    with tail("--follow", "--json", "--count", "1") as seen:
        server.restart()
        assert seen.said().startswith("trying again: the server at ")
        while not (said := seen.said()).startswith("listening at "):
            assert said.startswith("trying again: ")
        server.add_by_user(1, module_id="main", command="check")
        assert json.loads(seen.line())["command"] == "check"
        assert seen.end() == 0


@pytest.mark.parametrize("value", ["0", "x"])
def test_tail_counts_from_1(value: str) -> None:
    done = run("tail", "--count", value)
    assert done.returncode == 2
    assert "Invalid value for '--count'" in done.stderr


@pytest.mark.parametrize("colours", [True, False])
def test_tail_in_a_terminal_is_coloured_and_no_wider(
    server: PushServer, monkeypatch: pytest.MonkeyPatch, *, colours: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    if not colours:
        monkeypatch.setenv("NO_COLOR", "1")
    terminal, inside = pty.openpty()
    with subprocess.Popen([*COMMAND, "tail", "--count", "1"], stdout=inside, stderr=inside) as process:
        os.close(inside)
        text = _read(terminal, until="listening")
        server.add_by_user(1, module_id="main", command="check", params={"long": "x" * 200})
        assert process.wait(LIMIT_S) == 0
        text += _read(terminal)
    os.close(terminal)
    plain = re.sub(r"\x1b\[[\d;]*m", "", text)
    shown = [line.rstrip() for line in plain.splitlines() if "listening" not in line and line.strip()]
    assert len(shown) == 2
    assert all(len(line) <= 60 for line in shown)
    assert shown[1].endswith("…")
    assert ("\x1b[36m" in text) is colours


def _read(terminal: int, until: str | None = None) -> str:
    """What the terminal shows, to its end or until there is a word."""
    data = b""
    while until is None or until not in data.decode():
        ready, _, _ = select.select([terminal], [], [], LIMIT_S)
        assert ready, data
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that nobody writes any more
            break
        if not part:
            break
        data += part
    return data.decode()


def test_the_default_address_is_the_one_serve_listens_on() -> None:
    assert f"http://127.0.0.1:{DEFAULT_PORT}" == DEFAULT_URL
