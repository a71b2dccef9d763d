"""What the harness needs of a browser's page: the same for Playwright (both APIs) and Selenium."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakKeyDictionary

from bxpull_server.harness.errors import CannotInjectError

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

    @property
    def prepares(self) -> bool:
        """Whether :meth:`prepare` works here."""

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """The result of a JavaScript function of one argument; promises are waited for."""

    def goto(self, url: str) -> Any:
        """Open an address and wait until it is loaded."""

    def prepare(self, script: str) -> Any:
        """Run a script in every page that is opened from now on, before its own."""

    def screenshot(self, path: str) -> Any:
        """Write a PNG file."""

    def is_closed(self) -> bool:
        """Whether the page is gone."""


class PlaywrightSurface:
    """A page of Playwright, of either API.

    Args:
        page: The page.
    """

    prepares = True

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


# Drivers outlive tests: which script each of them runs in new pages.
_scripts: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


class SeleniumSurface:
    """The window of a Selenium driver.

    Chromium's drivers can run scripts before those of a page. With others a page has to load its client by
    itself, as the server's own page does.

    Args:
        driver: The driver; its script timeout should be above the longest wait.
    """

    def __init__(self, driver: Any) -> None:
        self.native = driver
        self._script = ""

    @property
    def prepares(self) -> bool:
        """See :class:`Surface`."""
        return hasattr(self.native, "execute_cdp_cmd")

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """See :class:`Surface`."""
        answer = self.native.execute_async_script(_SELENIUM % function, argument)
        if "error" in answer:
            raise PageError(answer["error"])
        return answer.get("value")

    def goto(self, url: str) -> Any:
        """See :class:`Surface`. What an earlier test prepared is over."""
        if self.prepares:
            earlier = _scripts.pop(self.native, None)
            if earlier is not None:
                self._protocol("removeScriptToEvaluateOnNewDocument", identifier=earlier)
            if self._script:
                answer = self._protocol("addScriptToEvaluateOnNewDocument", source=self._script)
                _scripts[self.native] = answer["identifier"]
        self.native.get(url)

    def prepare(self, script: str) -> Any:
        """See :class:`Surface`."""
        if not self.prepares:
            raise CannotInjectError(
                "this Selenium driver cannot run a script before those of the page, as Chromium's can: "
                "load the client in the page itself, and open it with inject=False"
            )
        self._script = script

    def _protocol(self, method: str, **arguments: Any) -> Any:
        return self.native.execute_cdp_cmd(f"Page.{method}", arguments)

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
