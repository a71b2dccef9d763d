"""Frames that are not as they should be cost only themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
WARNING = "[bxpull]"


def frame(text: object, number: int = 1) -> str:
    """A text record; its number comes after everything the server counted."""
    record = {"id": number, "mid": f"9999999999{number:016d}", "channel": "0" * 32, "text": text}
    return f"#!NGINXNMS!#{json.dumps(record)}#!NGINXNME!#"


def event(number: int) -> str:
    return frame({"module_id": "test", "command": "check", "params": {"id": number}}, number)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param("no frame at all", id="no markers"),
        pytest.param("#!NGINXNMS!#{'id': 1}#!NGINXNME!#", id="not JSON"),
        pytest.param("#!NGINXNMS!#[1, 2]#!NGINXNME!#", id="not a record"),
        pytest.param(event(9)[:60], id="cut off"),
        pytest.param(frame({"command": "check", "params": {}}), id="no module"),
        pytest.param(frame("check"), id="no event"),
    ],
)
def test_a_frame_that_cannot_be_read_gives_one_warning_and_the_next_is_delivered(
    open_tab: OpenTab, site: Site, damaged: str
) -> None:
    tab = open_tab(HEAR)
    tab.expect(WARNING)
    site.server.send_raw(1, damaged)
    site.publish(id=1)
    assert tab.drain() == [["test", 1]]
    assert len(tab.lines("warning")) == 1


def test_a_damaged_record_does_not_take_its_neighbours_along(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    tab.expect(WARNING)
    site.server.send_raw(1, event(1) + "#!NGINXNMS!#{,}#!NGINXNME!#" + event(2) + frame({}, 3) + event(4))
    assert [number for _, number in tab.heard(3)] == [1, 2, 4]


def test_markers_and_line_separators_inside_an_event_arrive_as_they_were(
    open_tab: OpenTab, site: Site
) -> None:
    odd = "#!NGINXNME!# #!NGINXNMS!# \u2028 \u2029 \n \u0000 </script> \U0001f600"
    tab = open_tab(HEAR)
    site.publish(id=odd)
    assert tab.drain() == [["test", odd]]


def test_a_message_that_comes_again_is_delivered_once(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    for number in (1, 2, 1, 2, 3):
        site.server.send_raw(1, event(number))
    assert [number for _, number in tab.heard(3)] == [1, 2, 3]
