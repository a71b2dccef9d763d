"""``bxpull replay``, against a running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from bxpull.cli import main
from bxpull_server import PushServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MESSAGE: dict[str, Any] = {
    "time": "2026-11-30T00:26:13.987Z",
    "module": "im",
    "command": "message",
    "params": {"id": 1},
    "extra": {"server_name": "old", "own": True},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushServer]:
    """A running server that keeps what is published, and the command knows its address."""
    for name in ("BXPULL_CONTROL_TOKEN", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with PushServer() as server:
        server.keep_published()
        monkeypatch.setenv("BXPULL_URL", server.url)
        yield server


def capture(*lines: dict[str, Any]) -> str:
    Path("capture.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return "capture.jsonl"


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["replay", *arguments], given)


def test_what_tail_has_shown_is_sent_to_the_same_again(server: PushServer) -> None:
    server.add_by_users(
        [1, -2], module_id="im", command="message", params={"id": 1}, user_params={-2: {"b": 2}}
    )
    server.add_shared(module_id="main", command="news", extra={"own": True, "server_name": "old"})
    before = server.published()
    done = run(capture(*before), "--speed", "max")
    assert (done.exit_code, done.stdout) == (0, "sent 2 events, queued for 0 connections\n")
    assert done.stderr == (
        "2 of them reached nobody: open a page of those they are for, or choose others with --user N\n"
    )
    again = server.published()[2:]
    for name in ("targets", "module", "command", "params"):
        assert [event[name] for event in again] == [event[name] for event in before]
    assert again[1]["extra"]["own"] is True
    assert again[1]["extra"]["server_name"] != "old"


def test_a_target_that_is_given_gets_all(server: PushServer) -> None:
    lines = [MESSAGE, {**MESSAGE, "targets": [{"channel": "private", "user": 1, "params": {"b": 2}}]}]
    server.watch_add(3, "TAG")
    assert run(capture(*lines), "--user", "1", "--guest", "-2", "--speed", "0").exit_code == 0
    assert run(capture(*lines), "--tag", "TAG", "--speed", "0").exit_code == 0
    assert run(capture(*lines), "--shared", "--speed", "0").exit_code == 0
    told = [[target.get("user") for target in event["targets"]] for event in server.published()]
    assert told == [[1, -2], [1, -2], [3], [3], [None], [None]]
    assert "params" in server.published()[1]["targets"][0]


def test_events_are_chosen_and_read_from_standard_input(server: PushServer) -> None:
    lines = [MESSAGE, {**MESSAGE, "command": "delete"}, {**MESSAGE, "module": "main"}]
    given = "".join(f"{json.dumps(line)}\n" for line in lines)
    done = run("-", "--user", "1", "--speed", "0", "--module", "IM", "--command", "delete", given=given)
    assert done.stdout.startswith("sent 1 event, ")
    assert [(event["module"], event["command"]) for event in server.published()] == [("im", "delete")]


@pytest.mark.usefixtures("server")
def test_what_cannot_be_told_again_is_said_and_the_result_is_json() -> None:
    done = run(capture(MESSAGE, {**MESSAGE, "kind": "client"}), "--user", "1", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"sent": 1, "delivered": 0, "unheard": 1, "left_out": {"client": 1}}
    assert done.stderr == (
        "capture.jsonl: lines left out: 1 client (published by pages, which only pages can)\n"
    )


@pytest.mark.parametrize(
    ("lines", "arguments", "problem"),
    [
        ([MESSAGE, {"module": "im"}], ["--user", "1"], "capture.jsonl:2: has no command: each line has to"),
        ([MESSAGE], [], "capture.jsonl:1: the line names no target that can be sent to: give one for all"),
        (
            [{**MESSAGE, "targets": [{"channel": "private", "user": user}]} for user in (1, 10**16)],
            [],
            "capture.jsonl:2: the line names no target that can be sent to: give one for all",
        ),
        ([MESSAGE], ["--user", "1", "--shared"], "Two targets: --user and --shared."),
        ([MESSAGE], ["--user", "1", "--module", "x"], "none of its 1 events is of that module and command"),
        (
            [{**MESSAGE, "kind": "client"}],
            ["--user", "1"],
            "capture.jsonl: has no event to replay; lines left",
        ),
        ([MESSAGE], ["--user", "1", "--speed", "-1"], "Invalid value for '--speed': '-1' must be 0 or more"),
        ([MESSAGE], ["--user", "1", "--speed", "fast"], "'fast' must be 0 or more, such as 1 (as it was)"),
    ],
)
def test_what_cannot_be_used_ends_with_2_before_anything_is_sent(
    server: PushServer, lines: list[dict[str, Any]], arguments: list[str], problem: str
) -> None:
    done = run(capture(*lines), *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr
    assert server.published() == []


def test_what_the_server_refuses_ends_with_1(server: PushServer) -> None:
    done = run(capture(MESSAGE, MESSAGE), "--user", "0", "--speed", "0")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: capture.jsonl:1: users: must be a user id")
    server.stop()
    done = run(capture(MESSAGE), "--user", "1")
    assert done.exit_code == 1
    assert "no push server at" in done.stderr


@pytest.mark.usefixtures("server")
def test_a_long_replay_says_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nor is it waited for here.
    monkeypatch.setattr("bxpull.replaying.at_their_times", lambda events, _speed: iter(events))
    later = {**MESSAGE, "time": "2026-11-30T00:27:33.987Z"}
    assert (
        "2 events in 0:00:40; stop with" in run(capture(MESSAGE, later), "--user", "1", "--speed", "2").stderr
    )


@pytest.mark.usefixtures("server")
def test_who_stops_it_is_told_how_far_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(events: Iterable[Any], _speed: float) -> Iterator[Any]:
        yield from list(events)[:2]
        raise KeyboardInterrupt

    monkeypatch.setattr("bxpull.replaying.at_their_times", stopped)
    done = run(capture(MESSAGE, MESSAGE, MESSAGE), "--user", "1", "--json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "stopped: 2 of 3 events were sent\n"
