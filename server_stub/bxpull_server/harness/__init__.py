"""Tests of pages in real browsers, for every library that drives them.

With pytest the fixtures of :mod:`bxpull_server.harness.plugin` are all there is to know. Without it::

    from bxpull_server import PushServer
    from bxpull_server.harness import PullHarness

    with PushServer() as server, PullHarness(server) as pull:
        pull.open(page, user=1)  # a page of Playwright, or a Selenium driver
        pull.user(1).send("im", "message", {"id": 5})
        pull.events.expect("im", "message", params={"id": 5})
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull_server.lazy import lazily

if TYPE_CHECKING:
    from bxpull_server.harness.aio import AsyncPullEvents, AsyncPullHarness, AsyncPullUser
    from bxpull_server.harness.bundle import Bundle
    from bxpull_server.harness.clock import ClockError, PullClock
    from bxpull_server.harness.errors import (
        CannotInjectError,
        ExpectationError,
        HandlerFailedError,
        HarnessError,
        NotConnectedError,
        SecretShownError,
        UnreadablePageError,
    )
    from bxpull_server.harness.events import PullEvents
    from bxpull_server.harness.pull_harness import PullHarness, PullUser
    from bxpull_server.harness.recording import HandlerCall, HandlerError, Notice, PullEvent
    from bxpull_server.harness.secret_guard import SecretGuard

__all__ = [
    "AsyncPullEvents",
    "AsyncPullHarness",
    "AsyncPullUser",
    "Bundle",
    "CannotInjectError",
    "ClockError",
    "ExpectationError",
    "HandlerCall",
    "HandlerError",
    "HandlerFailedError",
    "HarnessError",
    "NotConnectedError",
    "Notice",
    "PullClock",
    "PullEvent",
    "PullEvents",
    "PullHarness",
    "PullUser",
    "SecretGuard",
    "SecretShownError",
    "UnreadablePageError",
]

_HOMES = {
    "AsyncPullEvents": "aio",
    "AsyncPullHarness": "aio",
    "AsyncPullUser": "aio",
    "Bundle": "bundle",
    "ClockError": "clock",
    "PullClock": "clock",
    "CannotInjectError": "errors",
    "ExpectationError": "errors",
    "HandlerFailedError": "errors",
    "HarnessError": "errors",
    "NotConnectedError": "errors",
    "SecretShownError": "errors",
    "UnreadablePageError": "errors",
    "PullEvents": "events",
    "PullHarness": "pull_harness",
    "PullUser": "pull_harness",
    "HandlerCall": "recording",
    "HandlerError": "recording",
    "Notice": "recording",
    "PullEvent": "recording",
    "SecretGuard": "secret_guard",
}

__getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
