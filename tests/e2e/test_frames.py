"""Frames that are not as they should be cost only themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.frames import FRAMES
from tests.e2e.wire import FORMATS_AND_TRANSPORTS

if TYPE_CHECKING:
    from tests.e2e.frames import JsonRpcFrames, ProtobufFrames, TextFrames
    from tests.e2e.support import OpenTab, Site
    from tests.e2e.wire import Wire

pytestmark = pytest.mark.every_wire(always=FORMATS_AND_TRANSPORTS)

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
WARNING = "[bxpull]"


def make_frames(site: Site, wire: Wire) -> TextFrames | ProtobufFrames | JsonRpcFrames:
    """Frames whose messages come after what the server has sent so far, and before what it sends next."""
    return FRAMES[wire.format](site.server.add_by_user(1, module_id="before", command="frames"))


def test_a_frame_that_cannot_be_read_gives_one_warning_and_the_next_is_delivered(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    tab = open_tab(HEAR)
    tab.expect(WARNING)
    for number, (what, damaged) in enumerate(make_frames(site, wire).damaged().items(), start=1):
        site.send_raw(damaged)
        site.publish(id=number)
        assert tab.drain() == [["test", earlier] for earlier in range(1, number + 1)], what
        assert len(tab.lines("warning")) == number, what


def test_damaged_messages_do_not_take_their_neighbours_along(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    tab = open_tab(HEAR)
    tab.expect(WARNING)
    site.send_raw(make_frames(site, wire).mixed())
    assert [number for _, number in tab.heard(3)] == [1, 2, 4]
    assert len(tab.lines("warning")) == 2


def test_markers_and_line_separators_inside_an_event_arrive_as_they_were(
    open_tab: OpenTab, site: Site
) -> None:
    odd = "#!NGINXNME!# #!NGINXNMS!# \u2028 \u2029 \n \u0000 </script> \U0001f600"
    tab = open_tab(HEAR)
    site.publish(id=odd)
    assert tab.drain() == [["test", odd]]


def test_a_message_that_comes_again_is_delivered_once(open_tab: OpenTab, site: Site, wire: Wire) -> None:
    tab = open_tab(HEAR)
    frames = make_frames(site, wire)
    for number in (1, 2, 1, 2, 3):
        site.send_raw(frames.event(number))
    assert [number for _, number in tab.heard(3)] == [1, 2, 3]
