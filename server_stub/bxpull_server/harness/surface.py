"""What the harness needs of a browser's page: the same for Playwright (both APIs) and Selenium."""

from __future__ import annotations

from typing import Any, Protocol

_SELENIUM = """
const [argument, done] = arguments;
Promise.resolve((%s)(argument)).then((value) => done({ value }), (error) => done({ error: String(error) }));
"""


class PageError(RuntimeError):
    """A script of the harness failed in the page: the page is gone, or being replaced by another one."""


class Surface(Protocol):
    """A page. On an event loop what the methods return is awaited."""

    @property
    def native(self) -> Any:
        """The object of the library that drives the browser."""

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """The result of a JavaScript function of one argument; promises are waited for."""

    def goto(self, url: str) -> Any:
        """Open an address and wait until it is loaded."""

    def prepare(self, script: str) -> Any:
        """Run a script in every page from now on, before its own."""

    def screenshot(self, path: str) -> Any:
        """Write a PNG file."""

    def is_closed(self) -> bool:
        """Whether the page is gone."""


class PlaywrightSurface:
    """A page of Playwright, of either API.

    Args:
        page: The page.
    """

    def __init__(self, page: Any) -> None:
        self.native = page

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """See :class:`Surface`."""
        return self.native.evaluate(function, argument)

    def goto(self, url: str) -> Any:
        """See :class:`Surface`."""
        return self.native.goto(url)

    def prepare(self, script: str) -> Any:
        """See :class:`Surface`."""
        return self.native.add_init_script(script)

    def screenshot(self, path: str) -> Any:
        """See :class:`Surface`."""
        return self.native.screenshot(path=path)

    def is_closed(self) -> bool:
        """See :class:`Surface`."""
        return bool(self.native.is_closed())


class SeleniumSurface:
    """The window of a Selenium driver.

    Scripts cannot be put before those of a page in every browser that Selenium drives, so the page has to
    load the client and the recorder by itself: the server's own page does.

    Args:
        driver: The driver; its script timeout should be above the longest wait.
    """

    def __init__(self, driver: Any) -> None:
        self.native = driver

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """See :class:`Surface`."""
        answer = self.native.execute_async_script(_SELENIUM % function, argument)
        if "error" in answer:
            raise PageError(answer["error"])
        return answer.get("value")

    def goto(self, url: str) -> Any:
        """See :class:`Surface`."""
        self.native.get(url)

    def prepare(self, script: str) -> Any:
        """See :class:`Surface`."""
        del script
        raise NotImplementedError(
            "Selenium cannot run a script before those of the page: load the client and "
            "/bxpull-harness/recorder.js in the page itself, and open it with inject='none'"
        )

    def screenshot(self, path: str) -> Any:
        """See :class:`Surface`."""
        self.native.save_screenshot(path)

    def is_closed(self) -> bool:
        """See :class:`Surface`."""
        return False


def surface_of(page: Any) -> Surface:
    """The surface of a page of Playwright or of a Selenium driver."""
    if hasattr(page, "evaluate"):
        return PlaywrightSurface(page)
    if hasattr(page, "execute_async_script"):
        return SeleniumSurface(page)
    raise TypeError(f"{type(page).__name__} is neither a page of Playwright nor a Selenium driver")
