"""The harness for programs without an event loop, with or without pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from bxpull_server.api.parts import LEAVE_S
from bxpull_server.harness import capturing
from bxpull_server.harness.core import Core
from bxpull_server.harness.events import PullEvents
from bxpull_server.harness.expectations import WAIT_S
from bxpull_server.harness.steps import now, run
from bxpull_server.users import check_user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from bxpull_server import PushServer
    from bxpull_server.harness.bundle import Bundle
    from bxpull_server.harness.clock import PullClock
    from bxpull_server.protocol.events import Params


class BaseUser:
    """A user or guest of the server: what needs no page.

    Attributes:
        id: User id; negative for a guest.
        core: The pages of the test.

    Args:
        core: See above.
        user: User id.
    """

    def __init__(self, core: Core, user: int) -> None:
        self.id = check_user(user)
        self.core = core
        self._server = core.server

    def send(
        self,
        module: str,
        command: str,
        params: Params | None = None,
        *,
        extra: Mapping[str, Any] | None = None,
    ) -> str:
        """Send an event to this user, as the portal's ``CPullStack::AddByUser``; returns its mid."""
        return self._server.add_by_user(
            self.id, module_id=module, command=command, params=params, extra=extra
        )

    def watch(self, tag: str) -> None:
        """Let the user watch a tag, as ``CPullWatch::Add``."""
        self._server.watch_add(self.id, tag)

    def set_version(self, server_version: int, mode: str | None = None) -> None:
        """Let the server be of another version for this user, from the next config on."""
        self._server.set_user(self.id, server_version=server_version, mode=mode)

    def wait_connected(self, tabs: int = 1, timeout: float = WAIT_S) -> None:
        """Return once the user has at least so many connections.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds.
        """
        self._server.wait_connected(self.id, tabs, timeout)

    def wait_disconnected(self, timeout: float = LEAVE_S) -> None:
        """Return once the user has no connection.

        Raises:
            WaitTimeoutError: Not within ``timeout`` seconds.
        """
        self._server.wait_disconnected(self.id, timeout)


class PullUser(BaseUser):
    """A user or guest, and the pages that are opened for it."""

    replay = now(capturing.replay)

    def __init__(self, harness: PullHarness, user: int) -> None:
        super().__init__(harness.core, user)
        self._harness = harness

    def open(self, url: str | None = None, *, page: Any = None, inject: bool = True) -> Any:
        """Open a page of this user; returns it once it is connected. See :meth:`PullHarness.open`."""
        return self._harness.open(page, user=self.id, url=url, inject=inject)


class PullHarness:
    """Pages of one server, driven by Playwright's sync API or Selenium.

    As a context manager it ends with ``events.check()``: page code must have thrown nothing unexpected.

    Attributes:
        server: The server.
        events: What the pages were told.

    Args:
        server: A running server.
        bundle: The client for pages that bring none; None: the default build.
        new_page: Makes an empty page for a user when :meth:`open` is given none.
        clock: Whose time the pages have that are opened; None: the machine's.
    """

    def __init__(
        self,
        server: PushServer,
        bundle: Bundle | None = None,
        *,
        new_page: Callable[[int], Any] | None = None,
        clock: PullClock | None = None,
    ) -> None:
        self.core = Core(server, bundle, clock)
        self.server = server
        self.events = PullEvents(self.core)
        self._new_page = new_page

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.events.check()
        finally:
            self.core.end()

    def user(self, user: int) -> PullUser:
        """A user, or with a negative id a guest."""
        return PullUser(self, user)

    def open(
        self,
        page: Any = None,
        *,
        user: int = 1,
        url: str | None = None,
        inject: bool = True,
        start: bool = True,
        timeout: float = WAIT_S,
    ) -> Any:
        """Open a page with the client; returns it once page and server agree that it is connected.

        Args:
            page: A page of Playwright or a Selenium driver, which may be open already; None: a new one.
            user: Whose page it is; negative: a guest's.
            url: What to open: an address, or a path of the server; None: an empty page of the server.
            inject: Whether the harness puts the client before the scripts of ``url``; False: the page brings
                one. Selenium drivers of other browsers than Chromium cannot.
            start: Whether to call ``BX.PULL.start()`` if the page has not when it is loaded.
            timeout: How long it may take to connect, seconds.

        Raises:
            NotConnectedError: It does not connect; says what page and server know.
        """
        if page is None:
            if self._new_page is None:
                raise TypeError("open() needs a page here: give one, or make the harness with new_page")
            page = self._new_page(user)
        run(self.core.open(page, user, url, inject=inject, starts=start, timeout_s=timeout))
        return page

    def attach(self, page: Any, *, user: int = 1, start: bool = True, timeout: float = WAIT_S) -> Any:
        """Watch a page that is open already and has a client; returns it once it is connected."""
        run(self.core.attach(page, user, starts=start, timeout_s=timeout))
        return page
