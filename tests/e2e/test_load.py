"""Many events at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.wire import FORMATS_AND_TRANSPORTS

if TYPE_CHECKING:
    from bxpull_server import AsyncPushServer
    from tests.e2e.support import OpenTab, Site

pytestmark = pytest.mark.every_wire(always=FORMATS_AND_TRANSPORTS)

COUNT = 10_000


async def publish_all(server: AsyncPushServer) -> None:
    for number in range(COUNT):
        await server.add_by_user(1, module_id="test", command="check", params={"n": number})


def test_ten_thousand_events_are_handled_in_order_and_once(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(
        "window.numbers = [];"
        "BX.addCustomEvent('onPullEvent-test', (command, params) => { numbers.push(params.n); });"
    )
    site.server.call(publish_all)
    tab.drain()
    assert tab.run("numbers") == list(range(COUNT))
