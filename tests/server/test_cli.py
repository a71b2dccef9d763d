"""bxpull_server.cli: the command as people run it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from bxpull_server import PushServer

COMMAND = [sys.executable, "-m", "bxpull_server"]


def refused(*arguments: str, cwd: Path) -> str:
    """Run the command with bad input; its one line of complaint."""
    done = subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A server run by the command, from a folder with settings."""
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "index.html").write_text("my page")
    (tmp_path / "bxpull.toml").write_text(
        '[serve]\nport = 0\nuser = 7\nstatic = "public"\nsignature_key = "k3y"\n'
    )
    environment = {**os.environ, "BXPULL_CONTROL_TOKEN": "t0ken"}
    with subprocess.Popen(
        [*COMMAND, "--user", "8"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def greeting(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or "Ctrl+C" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], "".join(lines)
    return "".join(lines)


def test_greets_serves_and_stops(running: "subprocess.Popen[str]") -> None:
    text = greeting(running)
    match = re.search(r"http://127\.0\.0\.1:\d+", text)
    assert match is not None
    assert "page user  8 " in text
    assert '{"user": 8, "module": "main"' in text
    assert "k3y" not in text
    assert "t0ken" not in text
    assert httpx.get(match[0], trust_env=False).text == "my page"
    state = httpx.get(
        f"{match[0]}/control/state",
        headers={"Authorization": "Bearer t0ken", "Host": "portal.example"},
        trust_env=False,
    )
    assert state.status_code == 200
    running.send_signal(signal.SIGINT)
    assert running.wait() == 0
    assert running.stdout is not None
    assert running.stdout.read() == "stopped\n"
    assert running.stderr is not None
    assert running.stderr.read() == ""


def test_the_printed_example_works(running: "subprocess.Popen[str]") -> None:
    match = re.search(r"curl (\S+) -H '(\S+): (\S+)' -d '(.+)'", greeting(running))
    assert match is not None
    answer = httpx.post(match[1], headers={match[2]: match[3]}, content=match[4], trust_env=False)
    assert answer.json()["delivered"] == 0
    running.terminate()
    assert running.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--server-version", "6"], "option server_version: 6 is none: choose 1, 2, 3, 4 or 5"),
        (["--mode", "cloud"], "option mode: must be personal or shared, not 'cloud'"),
        (["--client-id", "my client"], "option client_id: must be printable ASCII without spaces"),
        (["--static", "nowhere"], "option static: 'nowhere' is not a folder"),
        (["--config", "none.toml"], "option config: cannot read 'none.toml'"),
        (["--host", "no such host"], "host 'no such host' is unknown"),
        (["--control-token", ""], "option control_token: must not be empty"),
        (
            ["--cors-origin", "*", "--cors-origin", "a.b"],
            "option cors_origins: 'a.b' is no origin",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], problem: str, tmp_path: Path) -> None:
    assert refused(*arguments, cwd=tmp_path).startswith(f"bxpull serve: {problem}")


def test_a_port_in_use_is_one_line_and_exit_code_2(push_server: PushServer, tmp_path: Path) -> None:
    line = refused("--port", str(push_server.port), cwd=tmp_path)
    assert line.startswith(f"bxpull serve: port {push_server.port} on 127.0.0.1 is in use: stop")


def test_a_host_others_can_reach_is_pointed_out(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--host", "0.0.0.0", "--port", "0"],  # noqa: S104
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert "Everybody who reaches this address" in greeting(process)
        process.terminate()
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            [],
            [
                "protocol version 4, mode personal",
                r"subscribe  ws://127\.0\.0\.1:\d+/bitrix/subws/",
                r"publish    http://127\.0\.0\.1:\d+/bitrix/pub/\?binaryMode=true",
            ],
        ),
        (
            ["--server-version", "5", "--mode", "shared"],
            ["protocol version 5, mode shared", "/bitrix/api/.hostId=<name>&signature=<HMAC of the body>"],
        ),
        (
            ["--server-version", "3", "--no-websocket"],
            [r"subscribe  http://127\.0\.0\.1:\d+/bitrix/sub/", "/bitrix/pub/.CHANNEL_ID=<id>"],
        ),
    ],
)
def test_says_what_it_pretends_to_be(arguments: list[str], lines: list[str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        text = greeting(process)
        for line in lines:
            assert re.search(line, text), text
        process.terminate()
        assert process.wait() == 0


def test_options_of_the_protocol_reach_the_config(tmp_path: Path) -> None:
    arguments = ["--server-version", "5", "--mode", "shared", "--client-id", "my-client"]
    arguments += ["--no-websocket", "--no-verdict"]
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments, "--hostname", "a.example", "--host-id", "my-host"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        url = re.search(r"http://127\.0\.0\.1:\d+", greeting(process))
        assert url is not None
        config = httpx.post(f"{url[0]}/rest/pull.config.get", trust_env=False).json()["result"]
        process.terminate()
        assert process.wait() == 0
    server = config["server"]
    assert (server["version"], server["mode"], server["hostname"]) == (5, "shared", "a.example")
    assert (config["clientId"], server["websocket_enabled"]) == ("my-client", False)
    assert "verdict" not in server
    claims = jwt.decode(config["jwt"], options={"verify_signature": False})
    assert claims["iss"] == "my-host"
