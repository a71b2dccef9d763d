"""bxpull_server.cli: the command as people run it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest

from bxpull_server import PushServer, __version__

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
    assert f"bxpull send --url {match[0]} --user 8 main check " in text
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


def test_the_printed_examples_work(running: "subprocess.Popen[str]") -> None:
    commands = [shlex.split(line) for line in re.findall(r"^  (bxpull .*)$", greeting(running), re.MULTILINE)]
    assert [words[1] for words in commands] == ["send", "tail"]
    send, tail = ([str(Path(sys.executable).with_name("bxpull")), *words[1:]] for words in commands)
    with subprocess.Popen(
        [*tail, "--count", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as seen:
        assert seen.stderr is not None
        assert seen.stderr.readline().startswith("listening at ")
        done = subprocess.run(send, capture_output=True, text=True, check=True)
        assert "queued for 0 connections" in done.stdout
        assert seen.stdout is not None
        assert "  user 8  main/check  0 connections  " in seen.stdout.readline()
        assert seen.wait() == 0
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


def test_a_bad_option_of_a_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "bxpull.toml").write_text('[serve]\nmode = "cloud"\nuser = 7\n')
    problem = "bxpull serve: option mode: must be personal or shared, not"
    assert refused(cwd=tmp_path).strip() == f"{problem} 'cloud' (in 'bxpull.toml')"
    assert refused("--mode", "fog", cwd=tmp_path).strip() == f"{problem} 'fog'"


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


def test_says_in_json_where_it_listens_and_nothing_else(tmp_path: Path) -> None:
    arguments = ["--port", "0", "--json", "--server-version", "5", "--log-level", "info"]
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        answer = httpx.get(f"{told['url']}/control/state", trust_env=False)
        assert answer.json()["server_version"] == told["server_version"] == 5
        process.terminate()
        assert process.wait() == 0
        assert process.stdout.read() == ""
    assert told.pop("url") == f"http://127.0.0.1:{told.pop('port')}"
    assert told == {"version": __version__, "server_version": 5, "mode": "personal", "user": 1}


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
