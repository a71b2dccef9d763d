"""What networks do to messages, made on purpose by the server: every event is handled once, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.wire import FORMATS_AND_TRANSPORTS

if TYPE_CHECKING:
    from tests.e2e.support import OpenTab, Site

pytestmark = pytest.mark.every_wire(always=FORMATS_AND_TRANSPORTS)

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.id));"
# What lost connections and unreadable messages make a browser and the client print.
NOISE = ("WebSocket", "connection to the server at", "Failed to load resource", "[bxpull]", "net::")
# Seeds with which each strikes among the first messages.
FAULTS: list[dict[str, Any]] = [
    {"kind": "delay", "seconds": 0.05, "probability": 0.5, "seed": 1},
    {"kind": "reorder", "seed": 2},
    {"kind": "duplicate", "probability": 0.5, "seed": 3},
    {"kind": "malformed", "probability": 0.5, "seed": 4},
    {"kind": "truncate", "probability": 0.3, "seed": 5, "times": 1},
    {"kind": "drop", "when": "message", "probability": 0.3, "seed": 6, "times": 1},
]
BURSTS, BURST = 12, 15


def test_a_stream_survives_messages_that_are_late_damaged_doubled_shuffled_and_lost(
    open_tab: OpenTab, site: Site
) -> None:
    tab = open_tab(HEAR)
    tab.expect(*NOISE)
    site.publish(id=0)
    tab.drain()
    for fault in FAULTS:
        site.server.faults.add(**{"times": None, **fault})
    for burst in range(BURSTS):
        first = burst * BURST + 1
        for number in range(first, first + BURST):
            site.publish(id=number)
        tab.heard(first + BURST)
    entries = site.server.faults.entries()
    site.server.faults.clear()
    assert [number for _, number in tab.drain()] == list(range(BURSTS * BURST + 1))
    assert [entry.fault.kind for entry in entries if not entry.struck] == []
