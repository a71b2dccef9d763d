"""What the harness needs of a browser's page: the same for Playwright (both APIs) and Selenium."""

from __future__ import annotations

import functools
import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary, WeakMethod

from bxpull_server.harness.errors import CannotInjectError
from bxpull_server.harness.steps import arun, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.harness.steps import Steps

_SELENIUM = """
const [argument, done] = arguments;
const frames = [];
for (let inner = window; inner !== inner.parent; inner = inner.parent) {
  let at = 0;
  while (inner.parent[at] !== inner) at++;
  frames.unshift(at);
}
if (frames.length) done({ frames });
else {
  const call = async () => (%s)(argument);
  call().then((value) => done({ value }), (error) => done({ error: String(error) }));
}
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

    def before_leaving(self, steps: Callable[[], Steps[None]]) -> None:
        """Make these steps whenever the program is about to leave or close the page."""


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
        # Not the program's: what was there before has been looked at.
        goto = getattr(self.native.goto, "__wrapped__", self.native.goto)
        return goto(url)

    def prepare(self, script: str) -> Any:
        """See :class:`Surface`."""
        return self.native.add_init_script(script)

    def screenshot(self, path: str) -> Any:
        """See :class:`Surface`."""
        return self.native.screenshot(path=path)

    def is_closed(self) -> bool:
        """See :class:`Surface`."""
        return bool(self.native.is_closed())

    def before_leaving(self, steps: Callable[[], Steps[None]]) -> None:
        """See :class:`Surface`. Playwright itself tells of it afterwards only."""
        for owner, names in ((self.native, _PAGE_LEAVES), (self.native.context, _CONTEXT_LEAVES)):
            if owner not in _leaving:
                _leaving[owner] = []
                for name in names:
                    setattr(owner, name, _after_steps(getattr(owner, name), _leaving[owner]))
            # Those of earlier tests are over.
            _leaving[owner][:] = [known for known in _leaving[owner] if known() is not None]
            _leaving[owner].append(WeakMethod(steps))


_PAGE_LEAVES = ("close", "goto", "reload", "go_back", "go_forward", "set_content")
_CONTEXT_LEAVES = ("close",)
# Pages and contexts outlive tests, too: what is to be done before each of them is left.
_leaving: WeakKeyDictionary[Any, list[WeakMethod[Callable[[], Steps[None]]]]] = WeakKeyDictionary()


def _after_steps(leave: Any, everyone: list[WeakMethod[Callable[[], Steps[None]]]]) -> Any:
    """A method of either API of Playwright, and the steps before it."""

    def steps() -> Steps[None]:
        for reference in everyone:
            known = reference()
            if known is not None:
                yield from known()

    @functools.wraps(leave)
    def leaving(*args: Any, **kwargs: Any) -> Any:
        run(steps())
        return leave(*args, **kwargs)

    @functools.wraps(leave)
    async def aleaving(*args: Any, **kwargs: Any) -> Any:
        await arun(steps())
        return await leave(*args, **kwargs)

    return aleaving if inspect.iscoroutinefunction(leave) else leaving


# Drivers outlive tests: which script each of them runs in new pages, by window.
_scripts: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


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
        answer = self._run(function, argument)
        frames = answer.get("frames")
        if frames:
            # The program is in a frame of the page, and is to find itself there again.
            self.native.switch_to.default_content()
            answer = self._run(function, argument)
            with suppress(Exception):  # it may have gone
                for index in frames:
                    self.native.switch_to.frame(index)
        if "error" in answer:
            raise PageError(answer["error"])
        return answer.get("value")

    def _run(self, function: str, argument: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.native.execute_async_script(_SELENIUM % function, argument)
        return answer

    def goto(self, url: str) -> Any:
        """See :class:`Surface`. What an earlier test prepared is over."""
        if self.prepares:
            scripts, window = _scripts.setdefault(self.native, {}), self.native.current_window_handle
            if window in scripts:
                self._protocol("removeScriptToEvaluateOnNewDocument", identifier=scripts.pop(window))
            if self._script:
                answer = self._protocol("addScriptToEvaluateOnNewDocument", source=self._script)
                scripts[window] = answer["identifier"]
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
        return getattr(self.native, "session_id", "") is None

    def before_leaving(self, steps: Callable[[], Steps[None]]) -> None:
        """See :class:`Surface`. Drivers are left alone: their pages hand over what they have."""


def surface_of(page: Any) -> Surface:
    """The surface of a page of Playwright or of a Selenium driver."""
    if hasattr(page, "evaluate"):
        return PlaywrightSurface(page)
    if hasattr(page, "execute_async_script"):
        return SeleniumSurface(page)
    raise TypeError(f"{type(page).__name__} is neither a page of Playwright nor a Selenium driver")
