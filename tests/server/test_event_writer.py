"""bxpull_server.event_writer."""

import json
from typing import Any

import pytest

from bxpull_server.clock import ManualClock
from bxpull_server.errors import EventError
from bxpull_server.event_writer import EventWriter
from bxpull_server.revisions import Revisions

OURS = {
    "server_time": "2026-09-21T14:13:20+00:00",
    "server_time_unix": 1_790_000_000.0,
    "server_name": "portal.example",
    "revision_web": 19,
    "revision_mobile": 3,
}


@pytest.fixture
def writer(clock: ManualClock) -> EventWriter:
    return EventWriter(clock, "portal.example", 1000, Revisions())


def test_an_event_has_the_portals_extra(writer: EventWriter) -> None:
    event = json.loads(writer.write({"module_id": "Main", "command": "Check", "params": {"a": 1}}))
    assert event == {"module_id": "main", "command": "Check", "params": {"a": 1}, "extra": OURS}


def test_extra_can_be_added_to_replaced_and_taken_out(writer: EventWriter) -> None:
    extra = {"revision_web": 20, "server_time": None, "x": 1}
    event = json.loads(writer.write({"module_id": "m", "command": "c", "extra": extra}))
    expected: dict[str, Any] = {**OURS, "revision_web": 20, "x": 1}
    del expected["server_time"]
    assert event["extra"] == expected


def test_a_system_command_belongs_to_the_client_itself(writer: EventWriter) -> None:
    assert json.loads(writer.write_system("config_expire", [])) == {
        "module_id": "pull",
        "command": "config_expire",
        "params": [],
        "extra": OURS,
    }


def test_bad_input_is_named(writer: EventWriter) -> None:
    with pytest.raises(EventError, match="extra: must be a mapping"):
        writer.write({"module_id": "m", "command": "c", "extra": "x"})  # type: ignore[typeddict-item]
    with pytest.raises(EventError, match=r"event: it has \d+ bytes: at most 1000 can be published"):
        writer.write({"module_id": "m", "command": "c", "params": {"x": "x" * 1000}})
