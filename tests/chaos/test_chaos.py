"""Whatever happens to network, server and page: each event is handled once, in order, or told as missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.chaos.cell import Cell
from tests.chaos.oracle import judge
from tests.chaos.schedules import Schedule, schedules_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from bxpull_server.harness.secret_guard import SecretGuard
    from tests.chaos.cell import Place
    from tests.chaos.page_server import PageServer

SCHEDULES = {"chromium": 31, "firefox": 3}
"""In a cell, by browser: Firefox takes three times as long for one."""


@pytest.mark.timeout(600)
def test_every_event_is_handled_once_in_order_or_lies_in_a_gap_that_was_told(
    browser_of: Callable[[str], Browser], pages: PageServer, place: Place, pull_secrets: SecretGuard
) -> None:
    with Cell(browser_of(place.browser), pages, place, guard=pull_secrets) as cell:

        @settings(
            max_examples=SCHEDULES[place.browser],
            database=None,
            derandomize=True,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(schedules_of(place.mode, small=True))
        def play(schedule: Schedule) -> None:
            assert [judge(record).problems for record in cell.play(schedule)] in ([[]], [[], []])

        play()
