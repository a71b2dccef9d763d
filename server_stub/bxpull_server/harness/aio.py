"""The harness for programs with an event loop: the same implementation, awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from bxpull_server.harness.core import Core
from bxpull_server.harness.events import call_wanted, error_matcher
from bxpull_server.harness.expectations import WAIT_S, T
from bxpull_server.harness.matching import ANY, Wanted
from bxpull_server.harness.pull_harness import BaseUser
from bxpull_server.harness.recording import HandlerCall, HandlerError, Notice, PullEvent
from bxpull_server.harness.steps import arun

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from bxpull_server import PushServer
    from bxpull_server.harness.bundle import Bundle


class AsyncPullEvents:
    """See :class:`bxpull_server.harness.events.PullEvents`.

    Args:
        core: The pages.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._looks = core.expectations

    async def events(self) -> list[PullEvent]:
        """The events that have reached pages so far, oldest first."""
        return await self._all(PullEvent)

    async def calls(self) -> list[HandlerCall]:
        """The calls of handlers so far, oldest first."""
        return await self._all(HandlerCall)

    async def errors(self) -> list[HandlerError]:
        """What handlers and pages have thrown so far, oldest first."""
        return await self._all(HandlerError)

    async def expect(
        self,
        module: Any,
        command: Any = ANY,
        *,
        params: Any = ANY,
        extra: Any = ANY,
        count: int = 1,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> PullEvent:
        """Wait for an event. See :meth:`PullEvents.expect`."""
        __tracebackhide__ = True
        wanted = Wanted(module, command, params, extra)
        tabs = self._core.tabs_of(page, user)
        steps = self._looks.expect(PullEvent, wanted, tabs, count=count, timeout_s=timeout)
        return (await arun(steps))[count - 1]

    async def expect_none(
        self,
        module: Any = ANY,
        command: Any = ANY,
        *,
        params: Any = ANY,
        extra: Any = ANY,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> None:
        """Look that no such event has come. See :meth:`PullEvents.expect_none`."""
        __tracebackhide__ = True
        wanted = Wanted(module, command, params, extra)
        await arun(self._looks.expect_none(wanted, self._core.tabs_of(page, user), timeout))

    async def expect_call(
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
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> HandlerCall:
        """Wait for the call of a handler. See :meth:`PullEvents.expect_call`."""
        __tracebackhide__ = True
        wanted = call_wanted(on, module, command, params, handler)
        tabs = self._core.tabs_of(page, user)
        steps = self._looks.expect(HandlerCall, wanted, tabs, count=count, timeout_s=timeout)
        return (await arun(steps))[count - 1]

    async def expect_error(
        self,
        match: str = "",
        *,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> HandlerError:
        """Wait for an error of page code. See :meth:`PullEvents.expect_error`."""
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return await arun(self._looks.expect_error(error_matcher(match), f"with {match!r}", tabs, timeout))

    async def expect_status(
        self,
        status: str,
        *,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> Notice:
        """Wait until a client has said this status. See :meth:`PullEvents.expect_status`."""
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return await arun(self._looks.expect_notice("status", status.__eq__, f"{status!r}", tabs, timeout))

    async def expect_gap(
        self,
        *,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> Notice:
        """Wait until a client has said that events are lost. See :meth:`PullEvents.expect_gap`."""
        __tracebackhide__ = True
        tabs = self._core.tabs_of(page, user)
        return await arun(self._looks.expect_notice("gap", lambda _: True, "was told", tabs, timeout))

    async def settle(
        self,
        *,
        page: Any = None,
        user: int | None = None,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> None:
        """Wait until everything that was sent so far has been handled. See :meth:`PullEvents.settle`."""
        __tracebackhide__ = True
        await arun(self._looks.settle(self._core.tabs_of(page, user), timeout))

    async def clear(self) -> None:
        """Forget what was seen so far, errors too."""
        await arun(self._looks.clear())

    async def check(self) -> None:
        """Look that page code has thrown nothing that was not expected. See :meth:`PullEvents.check`."""
        __tracebackhide__ = True
        await arun(self._looks.check())

    async def _all(self, kind: type[T]) -> list[T]:
        await arun(self._looks.fetch())
        return self._looks.all_of(kind)


class AsyncPullUser(BaseUser):
    """A user or guest, and the pages that are opened for it."""

    def __init__(self, harness: AsyncPullHarness, user: int) -> None:
        super().__init__(harness.server, user)
        self._harness = harness

    async def open(self, url: str | None = None, *, page: Any = None, inject: bool = True) -> Any:
        """Open a page of this user. See :meth:`AsyncPullHarness.open`."""
        return await self._harness.open(page, user=self.id, url=url, inject=inject)


class AsyncPullHarness:
    """Pages of one server, driven by Playwright's async API.

    The server runs in a thread of its own; calling it takes a millisecond, and is not awaited. As a context
    manager it ends with ``events.check()``.

    Attributes:
        server: The server.
        events: What the pages were told.

    Args:
        server: A running server.
        bundle: The client for pages that bring none; None: the default build.
        new_page: Makes an empty page for a user when :meth:`open` is given none.
    """

    def __init__(
        self,
        server: PushServer,
        bundle: Bundle | None = None,
        *,
        new_page: Callable[[int], Awaitable[Any]] | None = None,
    ) -> None:
        self.core = Core(server, bundle)
        self.server = server
        self.events = AsyncPullEvents(self.core)
        self._new_page = new_page

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.events.check()

    def user(self, user: int) -> AsyncPullUser:
        """A user, or with a negative id a guest."""
        return AsyncPullUser(self, user)

    async def open(
        self,
        page: Any = None,
        *,
        user: int = 1,
        url: str | None = None,
        inject: bool = True,
        start: bool = True,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> Any:
        """Open a page with the client. See :meth:`PullHarness.open`."""
        if page is None:
            if self._new_page is None:
                raise TypeError("open() needs a page here: give one, or make the harness with new_page")
            page = await self._new_page(user)
        await arun(self.core.open(page, user, url, inject=inject, starts=start, timeout_s=timeout))
        return page

    async def attach(
        self,
        page: Any,
        *,
        user: int = 1,
        start: bool = True,
        timeout: float = WAIT_S,  # noqa: ASYNC109
    ) -> Any:
        """Watch a page that is open already. See :meth:`PullHarness.attach`."""
        await arun(self.core.attach(page, user, starts=start, timeout_s=timeout))
        return page
