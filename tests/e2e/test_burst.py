"""Very many events in one frame: the page has its turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT
from tests.e2e.frames import FRAMES
from tests.e2e.wire import FORMATS

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site
    from tests.e2e.wire import Wire

pytestmark = pytest.mark.every_wire(always=FORMATS)

# Each event of JSON-RPC is confirmed besides.
COUNTS = {"text": 20_000, "protobuf": 20_000, "json-rpc": 2_000}
SLICE_MS = 4
# So many of the events take a handler longer than that, on a machine of any speed.
SLOW = 10
CODECS: dict[str, Any] = {"text": TEXT, "protobuf": PROTOBUF, "json-rpc": JSON_RPC}
# A timer of the page counts its turns from the first event until the last one.
PAGE = """
window.numbers = [];
window.turns = 0;
const turn = () => { if (numbers.length > 0) turns++; if (numbers.length < %(count)d) setTimeout(turn); };
turn();
BX.addCustomEvent('onPullEvent-test', (command, params) => {
  numbers.push(params.id);
  if (params.id %% %(slow_every)d) return;
  const end = Date.now() + %(slow_ms)d;
  while (Date.now() < end);
});
"""


def test_a_timer_of_the_page_has_its_turns_between_the_events_of_one_frame(
    open_tab: OpenTab, site: Site, wire: Wire
) -> None:
    count = COUNTS[wire.format]
    tab = open_tab(
        PAGE % {"count": count, "slow_every": count // SLOW, "slow_ms": 2 * SLICE_MS}, max_task_time=SLICE_MS
    )
    frames = FRAMES[wire.format](site.server.add_by_user(1, module_id="before", command="frames"))
    site.send_raw(CODECS[wire.format].join([frames.event(number) for number in range(1, count + 1)]))
    tab.until(f"numbers.length >= {count}")
    assert tab.run("numbers") == list(range(1, count + 1))
    # One after the last event is sure: that says nothing.
    assert tab.run("turns") > 1
