"""The harness for programs with an event loop: the same implementation, awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from bxpull_server.harness import capturing, event_steps
from bxpull_server.harness.core import Core
from bxpull_server.harness.event_steps import Looking
from bxpull_server.harness.expectations import WAIT_S
from bxpull_server.harness.pull_harness import BaseUser
from bxpull_server.harness.steps import arun, awaited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from bxpull_server import PushServer
    from bxpull_server.harness.bundle import Bundle


class AsyncPullEvents(Looking):
    """See :class:`bxpull_server.harness.events.PullEvents`; every method is awaited."""

    events = awaited(event_steps.events)
    calls = awaited(event_steps.calls)
    errors = awaited(event_steps.errors)
    expect = awaited(event_steps.expect)
    expect_none = awaited(event_steps.expect_none)
    expect_call = awaited(event_steps.expect_call)
    expect_error = awaited(event_steps.expect_error)
    expect_status = awaited(event_steps.expect_status)
    expect_gap = awaited(event_steps.expect_gap)
    settle = awaited(event_steps.settle)
    clear = awaited(event_steps.clear)
    check = awaited(event_steps.check)
    expect_capture = awaited(capturing.expect_capture)
    to_lines = awaited(capturing.to_lines)
    capture = awaited(capturing.capture)


class AsyncPullUser(BaseUser):
    """A user or guest, and the pages that are opened for it."""

    replay = awaited(capturing.replay)

    def __init__(self, harness: AsyncPullHarness, user: int) -> None:
        super().__init__(harness.core, user)
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
        try:
            if error is None:
                await self.events.check()
        finally:
            self.core.end()

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
