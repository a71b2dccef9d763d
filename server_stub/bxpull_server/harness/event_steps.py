"""What is asked of pages, and how long is waited for it: each function once, for programs of every kind.

:class:`bxpull_server.harness.events.PullEvents` and :class:`bxpull_server.harness.aio.AsyncPullEvents` are
made of these functions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.expectations import WAIT_S, T
from bxpull_server.harness.matching import ANY, BxName, Wanted
from bxpull_server.harness.recording import HandlerCall, HandlerError, Notice, PullEvent

if TYPE_CHECKING:
    from bxpull_server.harness.core import Core
    from bxpull_server.harness.steps import Steps


class Looking:
    """Who looks at the pages of a test.

    Args:
        core: The pages.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.looks = core.expectations


def events(looking: Looking) -> Steps[list[PullEvent]]:
    """The events that have reached pages so far, oldest first."""
    return (yield from _all(looking, PullEvent))


def calls(looking: Looking) -> Steps[list[HandlerCall]]:
    """The calls of handlers so far, oldest first; of those registered while the harness looked."""
    return (yield from _all(looking, HandlerCall))


def errors(looking: Looking) -> Steps[list[HandlerError]]:
    """What handlers and pages have thrown so far, oldest first."""
    return (yield from _all(looking, HandlerError))


def expect(
    looking: Looking,
    module: Any,
    command: Any = ANY,
    *,
    params: Any = ANY,
    extra: Any = ANY,
    count: int = 1,
    page: Any = None,
    user: int | None = None,
    timeout: float = WAIT_S,
) -> Steps[PullEvent]:
    """Wait for an event; also one that has come before, since the test began or :meth:`clear`.

    ::

        event = pull_events.expect("im", "message", params={"id": 5})

    When it has come, all handlers have been called with it.

    Args:
        looking: Who looks; the object whose method it is.
        module: Module id, or a compiled pattern.
        command: Command, or a compiled pattern; nothing: any.
        params: What must be in the params; other keys may be there, too. See
            :class:`bxpull_server.harness.matching.Wanted`.
        extra: The same for ``extra``.
        count: How many such events at least.
        page: Only in this page.
        user: Only in the pages of this user or guest.
        timeout: How long it may take, seconds.

    Returns:
        The event; the last of ``count``.

    Raises:
        ExpectationError: It does not come; shows what came instead, nearest first.
    """
    __tracebackhide__ = True
    wanted = Wanted(module, command, params, extra)
    tabs = looking.core.tabs_of(page, user)
    found = yield from looking.looks.expect(PullEvent, wanted, tabs, count=count, timeout_s=timeout)
    return found[count - 1]


def expect_none(
    looking: Looking,
    module: Any = ANY,
    command: Any = ANY,
    *,
    params: Any = ANY,
    extra: Any = ANY,
    page: Any = None,
    user: int | None = None,
    timeout: float = WAIT_S,
) -> Steps[None]:
    """Look that no such event has come, once everything that was sent so far has arrived.

    It waits for no time, but for a marker that it sends behind all else.

    Args:
        looking: As for :meth:`expect`.
        module: As for :meth:`expect`; nothing: any.
        command: As for :meth:`expect`.
        params: As for :meth:`expect`.
        extra: As for :meth:`expect`.
        page: As for :meth:`expect`.
        user: As for :meth:`expect`.
        timeout: How long the marker may take, seconds.

    Raises:
        ExpectationError: One has come; or the marker has not; or no page is open that could tell.
    """
    __tracebackhide__ = True
    wanted = Wanted(module, command, params, extra)
    yield from looking.looks.expect_none(wanted, looking.core.tabs_of(page, user), timeout)


def expect_call(
    looking: Looking,
    on: str | None = None,
    *,
    module: Any = ANY,
    command: Any = ANY,
    params: Any = ANY,
    handler: Any = ANY,
    count: int = 1,
    page: Any = None,
    user: int | None = None,
    timeout: float = WAIT_S,
) -> Steps[HandlerCall]:
    """Wait for the call of a handler.

    ::

        pull_events.expect_call("onPullEvent-im", command="message")
        pull_events.expect_call("subscribe server im/message")

    Args:
        looking: As for :meth:`expect`.
        on: What it is registered for; None: whatever.
        module: Module id of the event, or a compiled pattern.
        command: Its command, or a compiled pattern.
        params: What must be in the params it was given.
        handler: The function's name.
        count: How many such calls at least.
        page: As for :meth:`expect`.
        user: As for :meth:`expect`.
        timeout: How long it may take, seconds.

    Raises:
        ExpectationError: It does not come; shows what was called instead, nearest first.
    """
    __tracebackhide__ = True
    wanted = Wanted(module, command, params, on=ANY if on is None else BxName(on), handler=handler)
    tabs = looking.core.tabs_of(page, user)
    found = yield from looking.looks.expect(HandlerCall, wanted, tabs, count=count, timeout_s=timeout)
    return found[count - 1]


def expect_error(
    looking: Looking, match: str = "", *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
) -> Steps[HandlerError]:
    """Wait for an error of page code. Errors that no test expects make it fail at its end.

    From then on, until :meth:`clear`, such errors are expected in every page, as often as they come; with
    ``page`` or ``user`` only there.

    Args:
        looking: As for :meth:`expect`.
        match: Regular expression that is searched in the error's text, which names the handler.
        page: As for :meth:`expect`.
        user: As for :meth:`expect`.
        timeout: How long it may take, seconds.

    Raises:
        ExpectationError: There is none.
    """
    __tracebackhide__ = True
    tabs = looking.core.tabs_of(page, user)
    return (
        yield from looking.looks.expect_error(
            _error_matcher(match),
            f"with {match!r}",
            tabs,
            timeout,
            everywhere=page is None and user is None,
        )
    )


def expect_status(
    looking: Looking, status: str, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
) -> Steps[Notice]:
    """Wait until a client has said ``online``, ``offline``, ``connect`` and so on (``onPullStatus``).

    Raises:
        ExpectationError: It does not say so.
    """
    __tracebackhide__ = True
    tabs = looking.core.tabs_of(page, user)
    return (yield from looking.looks.expect_notice("status", status.__eq__, f"{status!r}", tabs, timeout))


def expect_gap(
    looking: Looking, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
) -> Steps[Notice]:
    """Wait until a client has said that events are lost (``onPullGap``).

    Raises:
        ExpectationError: It does not say so.
    """
    __tracebackhide__ = True
    tabs = looking.core.tabs_of(page, user)
    return (yield from looking.looks.expect_notice("gap", lambda _: True, "was told", tabs, timeout))


def settle(
    looking: Looking, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
) -> Steps[None]:
    """Wait until everything that was sent so far has been handled.

    Raises:
        ExpectationError: A marker behind it has not arrived in time.
    """
    __tracebackhide__ = True
    yield from looking.looks.settle(looking.core.tabs_of(page, user), timeout)


def clear(looking: Looking) -> Steps[None]:
    """Forget what was seen so far, errors too."""
    yield from looking.looks.clear()


def check(looking: Looking) -> Steps[None]:
    """Look that page code has thrown nothing that was not expected; done at the end of each test.

    Raises:
        HandlerFailedError: It has.
    """
    __tracebackhide__ = True
    yield from looking.looks.check()


def _all(looking: Looking, kind: type[T]) -> Steps[list[T]]:
    yield from looking.looks.fetch()
    return looking.looks.all_of(kind)


def _error_matcher(match: str) -> Any:
    """Whether an error's text, with the handler it names, has this pattern in it."""
    pattern = re.compile(match)
    return lambda error: pattern.search(str(error)) is not None
