"""``pull_events``: what pages were told, and waiting for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.expectations import WAIT_S, T
from bxpull_server.harness.matching import ANY, BxName, Wanted
from bxpull_server.harness.recording import HandlerCall, HandlerError, Notice, PullEvent
from bxpull_server.harness.steps import run

if TYPE_CHECKING:
    from bxpull_server.harness.core import Core


def error_matcher(match: str) -> Any:
    """Whether an error's text, with the handler it names, has this pattern in it."""
    pattern = re.compile(match)
    return lambda error: pattern.search(str(error)) is not None


def call_wanted(on: str, module: Any, command: Any, params: Any, handler: Any) -> Wanted:
    """A call of a handler."""
    return Wanted(module, command, params, on=BxName(on), handler=handler)


class PullEvents:
    """Every event, handler call and handler error of the pages of a test, in tabs and with a shared worker.

    Each method looks at all pages, or at those of one ``user``, or at one ``page``. Waiting is for
    conditions, never for time: a ``timeout`` (seconds) is how long something may take at most.

    Args:
        core: The pages.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._looks = core.expectations

    @property
    def events(self) -> list[PullEvent]:
        """The events that have reached pages so far, oldest first."""
        return self._all(PullEvent)

    @property
    def calls(self) -> list[HandlerCall]:
        """The calls of handlers so far, oldest first; of those registered while the harness looked."""
        return self._all(HandlerCall)

    @property
    def errors(self) -> list[HandlerError]:
        """What handlers and pages have thrown so far, oldest first."""
        return self._all(HandlerError)

    def expect(
        self,
        module: Any,
        command: Any = ANY,
        *,
        params: Any = ANY,
        extra: Any = ANY,
        count: int = 1,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,
    ) -> PullEvent:
        """Wait for an event; also one that has come before, since the test began or :meth:`clear`.

        ::

            event = pull_events.expect("im", "message", params={"id": 5})

        When it has come, all handlers have been called with it.

        Args:
            module: Module id, or a compiled pattern.
            command: Command, or a compiled pattern; nothing: any.
            params: What must be in the params; other keys may be there, too. See
                :class:`bxpull_server.harness.matching.Wanted`.
            extra: The same for ``extra``.
            count: How many such events.
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
        tabs = self._core.tabs_of(page, user)
        return run(self._looks.expect(PullEvent, wanted, tabs, count=count, timeout_s=timeout))[count - 1]

    def expect_none(
        self,
        module: Any = ANY,
        command: Any = ANY,
        *,
        params: Any = ANY,
        extra: Any = ANY,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,
    ) -> None:
        """Look that no such event has come, once everything that was sent so far has arrived.

        It waits for no time, but for a marker that it sends behind all else.

        Args:
            module: As for :meth:`expect`; nothing: any.
            command: As for :meth:`expect`.
            params: As for :meth:`expect`.
            extra: As for :meth:`expect`.
            page: As for :meth:`expect`.
            user: As for :meth:`expect`.
            timeout: How long the marker may take, seconds.

        Raises:
            ExpectationError: One has come; or the marker has not.
        """
        __tracebackhide__ = True
        wanted = Wanted(module, command, params, extra)
        run(self._looks.expect_none(wanted, self._core.tabs_of(page, user), timeout))

    def expect_call(
        self,
        on: str,
        *,
        module: Any = ANY,
        command: Any = ANY,
        params: Any = ANY,
        handler: Any = ANY,
        count: int = 1,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,
    ) -> HandlerCall:
        """Wait for the call of a handler.

        ::

            pull_events.expect_call("onPullEvent-im", command="message")
            pull_events.expect_call("subscribe server im/message")

        Args:
            on: What it is registered for.
            module: Module id of the event, or a compiled pattern.
            command: Its command, or a compiled pattern.
            params: What must be in the params it was given.
            handler: The function's name.
            count: How many such calls.
            page: As for :meth:`expect`.
            user: As for :meth:`expect`.
            timeout: How long it may take, seconds.

        Raises:
            ExpectationError: It does not come; shows what was called instead, nearest first.
        """
        __tracebackhide__ = True
        wanted = call_wanted(on, module, command, params, handler)
        tabs = self._core.tabs_of(page, user)
        return run(self._looks.expect(HandlerCall, wanted, tabs, count=count, timeout_s=timeout))[count - 1]

    def expect_error(
        self, match: str = "", *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
    ) -> HandlerError:
        """Wait for an error of page code. Errors that no test expects make it fail at its end.

        Args:
            match: Regular expression that is searched in the error's text, which names the handler.
            page: As for :meth:`expect`.
            user: As for :meth:`expect`.
            timeout: How long it may take, seconds.

        Raises:
            ExpectationError: There is none.
        """
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return run(self._looks.expect_error(error_matcher(match), f"with {match!r}", tabs, timeout))

    def expect_status(
        self, status: str, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S
    ) -> Notice:
        """Wait until a client has said ``online``, ``offline``, ``connect`` and so on (``onPullStatus``).

        Raises:
            ExpectationError: It does not say so.
        """
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return run(self._looks.expect_notice("status", status.__eq__, f"{status!r}", tabs, timeout))

    def expect_gap(self, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S) -> Notice:
        """Wait until a client has said that events are lost (``onPullGap``).

        Raises:
            ExpectationError: It does not say so.
        """
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return run(self._looks.expect_notice("gap", lambda _: True, "was told", tabs, timeout))

    def settle(self, *, page: Any = None, user: int | None = None, timeout: float = WAIT_S) -> None:
        """Wait until everything that was sent so far has been handled.

        Raises:
            ExpectationError: A marker behind it has not arrived in time.
        """
        __tracebackhide__ = True
        run(self._looks.settle(self._core.tabs_of(page, user), timeout))

    def clear(self) -> None:
        """Forget what was seen so far, errors too."""
        run(self._looks.clear())

    def check(self) -> None:
        """Look that page code has thrown nothing that was not expected; done at the end of each test.

        Raises:
            HandlerFailedError: It has.
        """
        __tracebackhide__ = True
        run(self._looks.check())

    def _all(self, kind: type[T]) -> list[T]:
        run(self._looks.fetch())
        return self._looks.all_of(kind)
