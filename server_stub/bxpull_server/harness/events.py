"""``pull_events``: what pages were told, and waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull_server.harness import capturing, event_steps
from bxpull_server.harness.event_steps import Looking
from bxpull_server.harness.steps import now, run

if TYPE_CHECKING:
    from bxpull_server.harness.recording import HandlerCall, HandlerError, PullEvent


class PullEvents(Looking):
    """Every event, handler call and handler error of the pages of a test, in tabs and with a shared worker.

    Each method looks at all pages, or at those of one ``user``, or at one ``page``. Waiting is for
    conditions, never for time: a ``timeout`` (seconds) is how long something may take at most.
    """

    @property
    def events(self) -> list[PullEvent]:
        """The events that have reached pages so far, oldest first."""
        return run(event_steps.events(self))

    @property
    def calls(self) -> list[HandlerCall]:
        """The calls of handlers so far, oldest first; of those registered while the harness looked."""
        return run(event_steps.calls(self))

    @property
    def errors(self) -> list[HandlerError]:
        """What handlers and pages have thrown so far, oldest first."""
        return run(event_steps.errors(self))

    expect = now(event_steps.expect)
    expect_none = now(event_steps.expect_none)
    expect_call = now(event_steps.expect_call)
    expect_error = now(event_steps.expect_error)
    expect_status = now(event_steps.expect_status)
    expect_gap = now(event_steps.expect_gap)
    settle = now(event_steps.settle)
    clear = now(event_steps.clear)
    check = now(event_steps.check)
    expect_capture = now(capturing.expect_capture)
    to_lines = now(capturing.to_lines)
    capture = now(capturing.capture)
