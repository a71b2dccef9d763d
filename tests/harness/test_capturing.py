"""bxpull_server.harness.capturing: captures of what pages were told, and captures that pages are told."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.capture.lines import read_capture
from bxpull_server.errors import CaptureError
from bxpull_server.harness import (
    AsyncPullEvents,
    AsyncPullUser,
    ExpectationError,
    PullEvents,
    PullUser,
    capturing,
)
from bxpull_server.harness.event_steps import Looking
from bxpull_server.harness.expectations import Expectations
from bxpull_server.harness.recording import HandlerCall, PullEvent
from bxpull_server.harness.steps import arun, run
from bxpull_server.protocol.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bxpull_server.harness.clock import PullClock

ID = "0123456789abcdef" * 2
LINES: list[dict[str, Any]] = [
    {"time": f"2026-11-30T00:26:{n}Z", "module": "im", "command": "message", "params": {"n": n}}
    for n in (10, 12, 20)
]
SHOW = """() => {
  document.title = "";
  BX.addCustomEvent("onPullEvent-im", (command, params) => { document.title += command + params.n; });
  BX.PULL.subscribe({ moduleId: "im", command: "delete", callback: () => {} });
}"""


class Tab:
    """A page that was told this, and is closed by now: nothing more is waited for."""

    user = 1
    barrier = 0
    crashed = False

    def __init__(self, name: str, *entries: Any) -> None:
        self.name = name
        self.entries = entries

    def fetch(self, *, looks: bool = False) -> Any:  # noqa: ARG002 - the interface
        yield lambda: None

    def is_closed(self) -> bool:
        return True


def looking(*tabs: Tab) -> Looking:
    server = SimpleNamespace(add_by_user=lambda *_, **__: "")
    expectations = Expectations(server, tabs)  # type: ignore[arg-type]
    return Looking(SimpleNamespace(expectations=expectations, tabs_of=lambda *_: tabs))  # type: ignore[arg-type]


def lines_of(*tabs: Tab) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run(capturing.to_lines(looking(*tabs)))]


def test_a_line_has_the_event_and_what_was_called_with_it() -> None:
    [one, two] = lines_of(
        Tab(
            "user 1",
            PullEvent("im", "message", {"id": 5}, {"own": 1}, at=1_790_000_000.5, page="user 1"),
            HandlerCall("onPullEvent-im", "f", "im", "message", {"id": 5}, page="user 1"),
            HandlerCall("onPullEvent-im", "g", "im", "message", {"id": 5}, page="user 1"),
            HandlerCall("subscribe server im", "f", "im", "message", {"id": 5}, page="user 1"),
            PullEvent("im", "message", {"id": 6}, at=1_790_000_001, page="user 1"),
        )
    )
    assert one == {
        "time": "2026-09-21T14:13:20.500+00:00",
        "module": "im",
        "command": "message",
        "params": {"id": 5},
        "extra": {"own": 1},
        "calls": ["onPullEvent-im", "subscribe server im"],
    }
    assert two["calls"] == []


def test_what_is_no_pull_event_has_its_kind() -> None:
    kinds = [PullEvent("im", "a", type=kind) for kind in ("server", "online", "client")]
    assert [line.get("kind") for line in lines_of(Tab("user 1", *kinds))] == [None, "online", "client"]


def test_what_several_pages_were_told_is_one_line() -> None:
    def event(mid: str, page: str) -> PullEvent:
        return PullEvent("im", "message", {}, {"mid": mid}, page=page)

    tabs = [Tab(name, event("1", name), event("2", name), PullEvent("im", "other")) for name in ("a", "b")]
    assert [line["command"] for line in lines_of(*tabs)] == ["message", "message", "other", "other"]


def test_secrets_are_fingerprints_whatever_is_around_them() -> None:
    params = {"a": [f"\b{ID}\n"], ID: ID, "token": "eyJab.cd.ef", "n": int("1" * 40), "none": None}
    [line] = lines_of(Tab("user 1", PullEvent("im", "message", params, {"x": ID})))
    mark = fingerprint(ID)
    token = fingerprint("eyJab.cd.ef")
    assert line["params"] == {
        "a": [f"\b{mark}\n"],
        mark: mark,
        "token": token,
        "n": params["n"],
        "none": None,
    }
    assert line["extra"] == {"x": mark}


def test_a_capture_is_written_and_read_again(tmp_path: Path) -> None:
    tabs = Tab("user 1", PullEvent("im", "message", {"text": "ä\u2028"}, {}))
    lines = run(capturing.capture(looking(tabs), tmp_path / "capture.jsonl"))
    [event] = read_capture(tmp_path / "capture.jsonl").events
    assert (len(lines), event.params, event.calls) == (1, {"text": "ä\u2028"}, ())


MESSAGE = PullEvent("im", "message", {"n": 10})
CALL = HandlerCall("onPullEvent-im", "f", "IM", "message", {"n": 10})


def expect(told: list[Any], *lines: dict[str, Any], **how: Any) -> None:
    run(capturing.expect_capture(looking(Tab("user 1", *told)), lines, **how))


def test_all_of_a_capture_has_come_and_was_handled() -> None:
    line = LINES[0]
    expect([MESSAGE, CALL], line)
    expect([MESSAGE, CALL], {**line, "calls": ["onpulleVENT-im"]})
    expect([MESSAGE, MESSAGE], {**line, "calls": []}, {**line, "calls": []})
    expect([MESSAGE], line, calls=False)
    expect([MESSAGE, CALL] * 2, line, line)
    # In other words it is the same.
    more = {"n": 10.0, "more": 1}
    expect([PullEvent("im", "message", more), HandlerCall("on", "f", "im", "message", more)], line)


def test_what_is_under_way_is_waited_for() -> None:
    tab = Tab("user 1")
    look = looking(tab)

    def arrive(*_: Any, **__: Any) -> str:
        """The marker, and all that was sent before it."""
        tab.entries = (MESSAGE, CALL)
        return ""

    look.looks._server = SimpleNamespace(add_by_user=arrive)  # type: ignore[assignment]
    run(capturing.expect_capture(look, [LINES[0]]))


@pytest.mark.parametrize(
    ("told", "lines", "problem"),
    [
        ([], [{}], "the event im/message with params {'n': 10} did not come"),
        ([MESSAGE], [{}], "the call of a handler im/message with params {'n': 10} did not come"),
        (
            [MESSAGE, CALL],
            [{"calls": ["other"]}],
            "a handler im/message with on 'other', params {'n': 10} did",
        ),
        ([MESSAGE, MESSAGE, CALL], [{}, {}], "the call of a handler im/message .* came 1 of 2 times"),
        ([MESSAGE, CALL], [{"calls": []}] * 2, "the event im/message .* came 1 of 2 times"),
    ],
)
def test_what_is_missing_of_a_capture_is_told(told: list[Any], lines: list[Any], problem: str) -> None:
    with pytest.raises(ExpectationError, match=problem):
        expect(told, *({**LINES[0], **line} for line in lines))


class Server:
    """Notes what it replays, and when."""

    def __init__(self, clock: Any = None) -> None:
        self.clock = clock
        self.told: list[Any] = []

    def replay(self, capture: Any, **how: Any) -> None:
        now = None if self.clock is None else self.clock.now
        self.told.append(([event.params["n"] for event in capture.events], how, now))


class Clock:
    """Stands still unless it is moved."""

    now = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds


def user_of(server: Server) -> Any:
    return SimpleNamespace(id=7, core=SimpleNamespace(server=server, clock=server.clock))


def test_a_user_is_told_all_of_it_by_the_server() -> None:
    server = Server()
    assert len(run(capturing.replay(user_of(server), LINES, speed=2)).events) == 3
    # Where Playwright's sync API was used before, a loop runs in this thread.
    with ThreadPoolExecutor() as threads:
        threads.submit(asyncio.run, arun(capturing.replay(user_of(server), LINES))).result()
    assert server.told == [
        ([10, 12, 20], {"users": [7], "speed": 2}, None),
        ([10, 12, 20], {"users": [7], "speed": 0}, None),
    ]


def test_what_was_replayed_is_what_the_user_was_told() -> None:
    own = [{"channel": "private", "user": user, "params": {"n": user}} for user in (7, 8)]
    found = run(capturing.replay(user_of(Server()), [{**LINES[0], "targets": own}, LINES[1]]))
    assert [event.params for event in found.events] == [{"n": 7}, {"n": 12}]


def test_with_a_clock_of_the_test_its_time_is_moved() -> None:
    server = Server(Clock())
    run(capturing.replay(user_of(server), LINES, speed=2))
    assert [(params, now) for params, _, now in server.told] == [([10], 0), ([12], 1), ([20], 5)]
    run(capturing.replay(user_of(server), LINES))
    assert server.clock.now == 5


def test_what_cannot_be_replayed_is_refused_as_by_the_server() -> None:
    for clock in (None, Clock()):
        server = Server(clock)
        with pytest.raises(CaptureError, match="has no event to replay"):
            run(capturing.replay(user_of(server), []))
        with pytest.raises(ValueError, match="speed: must be 0"):
            run(capturing.replay(user_of(server), LINES, speed=-1))
        assert server.told == []


@pytest.mark.parametrize("pair", [(PullUser, AsyncPullUser), (PullEvents, AsyncPullEvents)])
def test_coroutines_have_the_same_methods(pair: tuple[type, type]) -> None:
    names, others = ({name for name in dir(kind) if not name.startswith("_")} for kind in pair)
    assert names == others
    assert names & {"replay", "capture"}


@pytest.mark.only_browser("chromium")
def test_a_replay_calls_the_same_handlers_in_the_same_order(
    pull_page: Any, pull_user: Callable[[int], PullUser], pull_events: PullEvents, tmp_path: Path
) -> None:
    pull_page.evaluate(SHOW)
    for n, command in enumerate(["message", "delete", "message"]):
        pull_user(1).send("im", command, {"n": n})
    pull_user(1).send("main", "nobody_cares", {"n": 3})
    pull_events.settle()
    pull_events.capture(tmp_path / "capture.jsonl")
    other = pull_user(2).open()
    other.evaluate(SHOW)
    replayed = pull_user(2).replay(tmp_path / "capture.jsonl").events
    pull_events.expect_capture(tmp_path / "capture.jsonl", user=2)
    assert other.title() == pull_page.title() == "message0delete1message2"

    def calls(page: str) -> list[Any]:
        return [(c.on, c.command, c.params) for c in pull_events.calls if c.page == page]

    assert calls("user 2") == calls("user 1")
    assert len(calls("user 2")) == 4
    subscribed = "subscribe server im/delete"
    assert [sorted(event.calls or ()) for event in replayed] == [
        ["onPullEvent-im"],
        ["onPullEvent-im", subscribed],
        ["onPullEvent-im"],
        [],
    ]
    assert pull_events.expect_call(module="im", command="delete", user=2).params == {"n": 1}


@pytest.mark.only_browser("chromium")
def test_pages_on_a_clock_are_told_in_its_time(
    pull_clock: PullClock, pull_page: Any, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate(SHOW)
    pull_user(1).replay(LINES, speed=0.01)
    assert pull_clock.now == 1000
    pull_events.expect_call("onPullEvent-im", params={"n": 20})
    assert pull_page.title() == "message10message12message20"
