"""The end of a test with pages: what they have thrown unexpectedly, and what the report of a failure says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.harness.core import Core
    from bxpull_server.harness.steps import Steps

_OUTCOME = pytest.StashKey[str]()


def note_outcome(item: pytest.Item, report: pytest.TestReport) -> None:
    """Remember how a part of the test went, for :func:`finish`."""
    # A test may be run again.
    if report.when == "setup" or report.outcome != "passed":
        item.stash[_OUTCOME] = report.outcome


def finish(core: Core, item: pytest.Item, run: Callable[[Steps[Any]], Any]) -> Any:
    """Adds to the report of a test that failed; else looks that page code has thrown nothing unexpected."""
    return run(_finish(core, item))


def _finish(core: Core, item: pytest.Item) -> Steps[None]:
    try:
        yield from _look_at_the_end(core, item)
    finally:
        core.end()


def _look_at_the_end(core: Core, item: pytest.Item) -> Steps[None]:
    from bxpull_server.harness.report import sections
    from bxpull_server.harness.secrets_plugin import look_at

    error: AssertionError | None = None
    outcome = item.stash.get(_OUTCOME, "passed")
    if outcome == "skipped":
        # Half-way, or it is known to fail: what it has found itself counts.
        return
    if outcome == "passed":
        try:
            yield from core.expectations.check()
            look_at(core.tabs, item)
        except AssertionError as found:
            error = found
        else:
            return
    folder = Path(str(item.config.getoption("--output", default="test-results")))
    parts = yield from sections(core, folder, item.nodeid)
    for title, text in parts:
        item.add_report_section("teardown", title, text)
    if error is not None:
        raise error
