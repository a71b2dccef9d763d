"""bxpull_server.harness.surface: what a Selenium driver is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from bxpull_server import PushServer
from bxpull_server.harness import CannotInjectError, NotConnectedError, PullHarness
from bxpull_server.harness.surface import PlaywrightSurface, SeleniumSurface, surface_of
from bxpull_server.harness.tab import is_passing


class Driver:
    """A driver that notes what it is told; its pages answer nothing."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def get(self, url: str) -> None:
        self.told.append(url)

    def execute_async_script(self, script: str, argument: Any) -> dict[str, Any]:
        self.told.append((script, argument))
        return {}


class ChromiumDriver(Driver):
    """One that can do more."""

    current_window_handle = "first"

    def execute_cdp_cmd(self, command: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.told.append((command.removeprefix("Page."), arguments))
        return {"identifier": str(len(self.told))}


def test_chromium_runs_a_script_until_the_next_test_opens_a_page() -> None:
    driver = ChromiumDriver()
    first = SeleniumSurface(driver)
    first.prepare("one")
    first.goto("http://a/")
    SeleniumSurface(driver).goto("http://b/")
    assert driver.told == [
        ("addScriptToEvaluateOnNewDocument", {"source": "one"}),
        "http://a/",
        ("removeScriptToEvaluateOnNewDocument", {"identifier": "1"}),
        "http://b/",
    ]


def test_each_window_of_chromium_has_its_script() -> None:
    driver = ChromiumDriver()
    for window in ("first", "second"):
        driver.current_window_handle = window
        surface = SeleniumSurface(driver)
        surface.prepare(window)
        surface.goto("http://a/")
    assert [told for told in driver.told if told[0].startswith("remove")] == []


def test_other_drivers_say_what_to_do_instead() -> None:
    with (
        PushServer() as server,
        pytest.raises(CannotInjectError, match=r"load the client in the page itself.*inject=False"),
    ):
        PullHarness(server).open(Driver(), url="/index.html")


def test_a_page_of_another_driver_gets_the_recorder_once_it_is_loaded() -> None:
    driver = Driver()
    with PushServer() as server, pytest.raises(NotConnectedError):
        PullHarness(server).open(driver, url="/index.html", inject=False, timeout=0)
    url, (script, _) = driver.told[:2]
    assert url == f"{server.url}/index.html?bxpull_user=1"
    assert "window.bxpullRecorder = {" in script


def test_what_is_no_page_is_refused() -> None:
    assert isinstance(surface_of(Driver()), SeleniumSurface)
    assert isinstance(surface_of(type("Page", (), {"evaluate": None})()), PlaywrightSurface)
    with pytest.raises(TypeError, match="str is neither a page of Playwright nor a Selenium driver"):
        surface_of("page")


class InFrames(Driver):
    """One whose program has switched to a frame in a frame."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = [1, 0]
        self.switch_to = self

    def default_content(self) -> None:
        self.frames = []

    def frame(self, index: int) -> None:
        self.frames.append(index)

    def execute_async_script(self, script: str, argument: Any) -> dict[str, Any]:
        super().execute_async_script(script, argument)
        return {"frames": list(self.frames)} if self.frames else {"value": "of the page"}


def test_a_page_is_asked_from_within_its_frames_too() -> None:
    driver = InFrames()
    assert SeleniumSurface(driver).evaluate("() => 0") == "of the page"
    assert driver.frames == [1, 0]


def test_a_window_that_was_closed_tells_no_more_and_is_no_error() -> None:
    assert is_passing(RuntimeError("Message: no such window: target window already closed"))
