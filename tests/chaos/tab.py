"""A tab of the chaos test: its page, and what it was told over all its reloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.pages import VISIBLE, Printed, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

WAIT_MS = 10_000
_HELLO_MS = 1000
_STEPS = {
    "hide": "chaos.show(false)",
    "show": "chaos.show(true)",
    "offline": "chaos.network(false)",
    "online": "chaos.network(true)",
    "block sockets": "chaos.block(true)",
    "unblock sockets": "chaos.block(false)",
}


class StuckError(Exception):
    """The page does not catch up; says what it is doing instead."""


class Tab:
    """A page in the browser.

    Attributes:
        first: Number of the event from which on it is promised all.

    Args:
        context: The browser's.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._page = context.new_page()
        self._printed = Printed(self._page)
        self.first = 0

    def open(self, url: str, publish: Callable[[], tuple[int, str]]) -> None:
        """Open a page that has heard of nothing.

        Args:
            url: Of the page.
            publish: Publishes one event; returns its number and mid. Who has handled one can resume from it.
        """
        self._page.goto(url)
        wait_until(self._page, "window.BX && BX.PULL.isConnected()", timeout_ms=WAIT_MS)
        for _ in range(WAIT_MS // _HELLO_MS):
            self.first, mid = publish()
            try:
                self._wait_known(self.first, mid, _HELLO_MS)
            except PlaywrightTimeoutError:
                continue  # the connection was one that an earlier step has ended
            return
        raise StuckError(self._stuck())

    def catch_up(self, number: int, mid: str) -> None:
        """Wait until an event is handled, or said to be missing.

        Raises:
            StuckError: It does not come to that.
        """
        try:
            self._wait_known(number, mid, WAIT_MS)
        except PlaywrightTimeoutError:
            raise StuckError(self._stuck()) from None

    def do(self, what: str) -> None:
        """``reload`` the page, or let it believe that it is hidden, offline or not."""
        if what == "reload":
            # By the page itself: the command of the browser fails while it carries out a reload before.
            with self._page.expect_navigation(wait_until="commit"):
                self._page.evaluate("void setTimeout(() => location.reload(), 0)")
        else:
            self.run(_STEPS[what])

    def run(self, code: str) -> Any:
        """Run code in the page, as soon as it is there."""
        wait_until(self._page, "window.chaos", timeout_ms=WAIT_MS)
        return self._page.evaluate(code)

    def visible(self) -> str:
        """All that people may look at: texts of the page, debug info, console, errors."""
        page = self.run(VISIBLE)
        return f"{page}\n{self._printed.text()}"

    def close(self) -> None:
        """Close the tab."""
        self._page.close()

    def _wait_known(self, number: int, mid: str, timeout_ms: float) -> None:
        known = "([number, mid]) => window.chaos && chaos.knows(number, mid)"
        wait_until(self._page, known, [number, mid], timeout_ms=timeout_ms)

    def _stuck(self) -> str:
        return f"the page does not catch up: {self.run('JSON.stringify(chaos.state)')}"
