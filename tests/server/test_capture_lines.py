"""bxpull_server.capture.lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from bxpull_server.capture.lines import line_of, parse_capture, read_capture
from bxpull_server.errors import CaptureError

GOOD: dict[str, Any] = {
    "time": "2026-11-30T00:26:13.987+00:00",
    "module": "im",
    "command": "message",
    "params": {"id": 5},
    "extra": {},
}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def test_a_file_is_read_whatever_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "capture.jsonl"
    lines = [
        {**GOOD, "mid": "1", "targets": [{"channel": "private", "user": 7}], "delivered": 2, "later": "?"},
        {**GOOD, "time": "2026-11-30T00:26:15.487Z", "module": "Main", "params": [], "extra": None},
        {"time": "2026-11-30T01:26:16+01:00", "module": "im", "command": "delete"},
    ]
    text = "".join(f"{json.dumps(line)}\r\n\n" for line in lines)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    one, two, three = read_capture(path).events
    assert (one.place, three.place) == (f"{path}:1", f"{path}:5")
    assert (one.module, one.command, one.params) == ("im", "message", {"id": 5})
    assert one.targets == ({"channel": "private", "user": 7},)
    assert (two.module, two.params, two.extra) == ("main", [], {})
    assert [round(event.at - one.at, 3) for event in (two, three)] == [1.5, 2.013]
    assert three.params == []


def test_lines_end_at_line_feeds_only() -> None:
    text = json.dumps({**GOOD, "params": {"text": "a\u2028b\u0085c"}}, ensure_ascii=False)
    [event] = parse_capture(text.encode(), "f").events
    assert event.params == {"text": "a\u2028b\u0085c"}


def test_what_a_server_makes_anew_is_not_taken_over() -> None:
    extra = {
        "server_time": "2026-11-30T00:26:13+00:00",
        "server_time_unix": 1.5,
        "server_time_ago": 3,
        "server_name": "old",
        "revision_web": 1,
        "revision_mobile": 1,
        "mid": "1",
        "sender": {"type": 1},
        "own": True,
    }
    [event] = read_capture([{**GOOD, "extra": extra}]).events
    assert event.extra == {"own": True}


def test_what_only_others_can_tell_is_left_out_and_said_so() -> None:
    capture = read_capture(
        [
            GOOD,
            {**GOOD, "kind": "online", "module": "online"},
            {**GOOD, "kind": "client"},
            {**GOOD, "sender": "page", "params": "whatever"},
            {**GOOD, "module": "pull", "command": "channel_expire"},
            {**GOOD, "module": "bxpull_harness", "command": "barrier"},
            {**GOOD, "module": "online", "command": "userStatusChange"},
        ]
    )
    assert len(capture.events) == 1
    assert capture.left_out == {"online": 2, "client": 2, "system": 1, "harness": 1}
    assert capture.told_left_out().startswith("lines left out: 2 online (presence, which the server tells")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            "{",
            "is not JSON (Expecting property name enclosed in double quotes at column 2): each line has to",
        ),
        ('{"a": NaN}', "is not JSON (NaN is no JSON value)"),
        ("[" * 100_000, "is not JSON (nested too deeply)"),
        ("[]", 'is no object: each line has to be one event, as {"time": '),
        (without("module"), "has no module: each line has to be one event"),
        (without("command"), "has no command"),
        (without("time"), "time: must be the event's, with date and zone, as 2026-"),
        ({**GOOD, "time": 5}, "time: must be the event's"),
        ({**GOOD, "time": "2026-11-30T00:26:13"}, "has no zone; end it with Z if it is UTC"),
        ({**GOOD, "time": "0001-01-01T00:00:00+14:00"}, "+14:00' is in no year from 1 to 9999 of UTC"),
        ({**GOOD, "time": "9999-12-31T23:59:59.999999Z"}, "is in no year from 1 to 9999 of UTC"),
        ({**GOOD, "module": "a b"}, "module: 'a b' must consist of letters, digits, '.' and '_'"),
        ({**GOOD, "command": ""}, "command: must be a string that is not empty, not ''"),
        ({**GOOD, "params": [1]}, "params: must be a mapping (or an empty list)"),
        ({**GOOD, "extra": [1]}, "extra: must be an object, or left out"),
        ({**GOOD, "kind": "other"}, "kind: 'other' is neither of online, client; leave it out for a Pull"),
        ({**GOOD, "targets": "all"}, "targets: is not as it was written; leave it out"),
        ({**GOOD, "calls": [1]}, "calls: is not as it was written; leave it out"),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(line: str | dict[str, Any], problem: str) -> None:
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(CaptureError) as caught:
        parse_capture(f"{json.dumps(GOOD)}\n{text}".encode(), "f.jsonl")
    assert str(caught.value).startswith("f.jsonl:2: ")
    assert problem in str(caught.value)
    assert caught.value.place == "f.jsonl:2"


def test_what_is_no_text_or_no_file_is_told() -> None:
    with pytest.raises(CaptureError, match=r"^f:2: is not UTF-8 text \(byte 1\): save it as UTF-8$"):
        parse_capture(b"\n\xff", "f")
    with pytest.raises(CaptureError, match=r"^gone\.jsonl: cannot be read: No such file or directory$"):
        read_capture("gone.jsonl")
    with pytest.raises(CaptureError, match=r"cannot be read: .*null"):
        read_capture("a\0b")


def test_events_are_chosen_by_module_and_command() -> None:
    capture = read_capture([GOOD, {**GOOD, "module": "main"}, {**GOOD, "command": "delete"}])
    assert [event.command for event in capture.only(["IM"]).events] == ["message", "delete"]
    assert [event.module for event in capture.only(commands=["message"]).events] == ["im", "main"]
    assert len(capture.only().events) == 3


def test_a_capture_without_an_event_is_refused_where_one_is_needed() -> None:
    with pytest.raises(CaptureError, match=r"^f: has no event to replay; lines left out: 1 client \("):
        parse_capture(json.dumps({**GOOD, "kind": "client"}).encode(), "f").check_any()


def test_a_line_that_is_written_is_read_again() -> None:
    line = line_of({"module": "im", "command": "message", "params": {"text": "ä\ud800"}}, 1_790_000_000.25)
    assert line.startswith('{"time":"2026-09-21T14:13:20.250+00:00","module":"im"')
    [event] = read_capture([line]).events
    assert (event.at, event.params) == (1_790_000_000.25, {"text": "ä\ud800"})
