"""bxpull_server.harness.plugin: the fixture ``pull_clock``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.harness import PullEvents, PullHarness, PullUser
    from bxpull_server.harness.clock import PullClock


@pytest.fixture(params=[False, True], ids=["direct", "shared"])
def pull_bundle_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """With and without a shared worker."""
    return {"shared_worker": request.param}


@pytest.mark.only_browser("chromium")
def test_a_page_that_the_test_has_made_has_its_time_too(
    pull_clock: PullClock, page: Any, pull_harness: PullHarness, pull_faults: ThreadFaults
) -> None:
    pull_harness.open(page)
    with pull_faults.refuse(503):
        pull_faults.drop()
        pull_clock.advance(60)
    assert "page 1: status offline" in {what for _, what in pull_clock.log}


@pytest.mark.only_browser("chromium")
def test_ten_minutes_without_a_server(
    pull_clock: PullClock,
    pull_page: Any,
    pull_user: Callable[[int], PullUser],
    pull_faults: ThreadFaults,
    pull_events: PullEvents,
) -> None:
    with pull_faults.refuse(503):
        pull_faults.drop()
        pull_clock.advance(600)
        assert not pull_page.evaluate("BX.PULL.isConnected()")
    pull_user(1).send("im", "message", {"id": 5})
    pull_clock.advance(60)
    pull_events.expect("im", "message", params={"id": 5})
    assert sum("refused" in what for _, what in pull_clock.log) > 20
    assert pull_clock.now == 660
