"""Fixtures of the end-to-end tests: real browsers, generated bundles, a push server a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bxpull.locate import client_root
from bxpull.prebuild import ensure
from bxpull_server import PushServer
from bxpull_server.harness.browsers import launch_options
from tests.e2e.support import Bundles, NewTab, OpenTab, Site, Tab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext


def pytest_configure(config: pytest.Config) -> None:
    """Lets pass the one warning that pytest-playwright itself gives rise to."""
    config.addinivalue_line(
        "filterwarnings",
        "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop from then on, which asynchronous tests mind."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Starts the browser found on this machine; a missing one is an error that says how to get it."""
    return {**launch_options(browser_name), **browser_type_launch_args}


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundles]:
    """Bundles of this checkout's client, by either engine."""
    folder = tmp_path_factory.mktemp("bundles")
    ensure(client_root(), folder / "prebuilt")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BXPULL_PREBUILT", str(folder / "prebuilt"))
        yield Bundles(folder)


@pytest.fixture
def server() -> Iterator[PushServer]:
    """A running push server, its page's user being 1."""
    with PushServer() as server:
        yield server


@pytest.fixture
def site(server: PushServer, bundles: Bundles) -> Site:
    """Pages served by the server."""
    return Site(server, bundles)


@pytest.fixture
def new_tab(site: Site, context: BrowserContext) -> Iterator[NewTab]:
    """Makes tabs. Fails a test whose pages had errors or complaints on the console that it did not name."""
    tabs: list[Tab] = []
    own = context

    def new(user: int = 1, context: BrowserContext | None = None) -> Tab:
        tabs.append(Tab(context or own, site, user))
        return tabs[-1]

    yield new
    for tab in tabs:
        if not tab.page.is_closed():
            tab.lines()
    assert [tab.complaints() for tab in tabs] == [[] for _ in tabs]


@pytest.fixture
def open_tab(site: Site, new_tab: NewTab) -> OpenTab:
    """Opens simple pages."""

    def open_(code: str = "", *, user: int = 1, context: BrowserContext | None = None, **options: Any) -> Tab:
        query = f"?bxpull_user={user}" if user > 1 else ""
        return new_tab(user, context).open(site.simple_page(code, **options), query).connected()

    return open_
