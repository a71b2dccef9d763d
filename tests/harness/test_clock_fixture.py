"""bxpull_server.harness.plugin: the fixture ``pull_clock``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.harness import PullEvents, PullUser
    from bxpull_server.harness.clock import PullClock

LOGS: dict[str, list[Any]] = {}


@pytest.fixture(params=[False, True], ids=["direct", "shared"])
def pull_bundle_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """With and without a shared worker."""
    return {"shared_worker": request.param}


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("time", ["first", "second"])
def test_an_hour_without_a_server_is_the_same_each_time(
    pull_clock: PullClock,
    pull_page: Any,
    pull_user: Callable[[int], PullUser],
    pull_faults: ThreadFaults,
    pull_events: PullEvents,
    pull_bundle_options: dict[str, Any],
    time: str,
) -> None:
    with pull_faults.refuse(503):
        pull_faults.drop()
        pull_clock.advance(3600)
        assert not pull_page.evaluate("BX.PULL.isConnected()")
    pull_user(1).send("im", "message", {"id": 5})
    pull_clock.advance(60)
    pull_events.expect("im", "message", params={"id": 5})
    assert sum("refused" in what for _, what in pull_clock.log) > 100
    assert 3600 <= pull_clock.now < 3700
    kind = str(pull_bundle_options)
    if time == "second":
        assert pull_clock.log == LOGS[kind]
    LOGS[kind] = pull_clock.log
