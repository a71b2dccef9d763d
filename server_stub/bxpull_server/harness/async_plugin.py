"""The fixtures for tests that are coroutines, with pytest-asyncio and Playwright's async API.

::

    async def test_a_message_is_shown(async_pull_page, async_pull_user, async_pull_events):
        async_pull_user(1).send("im", "message", {"id": 5})
        await async_pull_events.expect("im", "message", params={"id": 5})

Server, faults and options are those of :mod:`bxpull_server.harness.plugin`: ``pull_server``, ``pull_faults``
and so on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bxpull_server.harness.ending import finish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bxpull_server import PushServer
    from bxpull_server.harness import AsyncPullEvents, AsyncPullHarness, AsyncPullUser, Bundle


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs coroutines first.

    Playwright's sync API has an event loop that runs from its first use to the session's end, in the same
    thread, and there no other one can run then.
    """
    items.sort(key=lambda item: "async_pull_browser" not in getattr(item, "fixturenames", ()))


@pytest_asyncio.fixture
async def async_pull_browser(
    browser_name: str, browser_type_launch_args: dict[str, Any], request: pytest.FixtureRequest
) -> AsyncIterator[Any]:
    """A browser of Playwright's async API, of the kind that ``--browser`` says; started for each test.

    Override it where you have one already.
    """
    from playwright.async_api import async_playwright

    _refuse_other_loop(request)
    async with async_playwright() as playwright:
        browser = await getattr(playwright, browser_name).launch(**browser_type_launch_args)
        yield browser
        await browser.close()


def _refuse_other_loop(request: pytest.FixtureRequest) -> None:
    """On an event loop that is not the fixtures' a test would wait for Playwright without an end."""
    marker = request.node.get_closest_marker("asyncio")
    if marker is None:
        return
    ours, its = (
        request.config.getini(f"asyncio_default_{what}_loop_scope") or "function"
        for what in ("fixture", "test")
    )
    its = marker.kwargs.get("loop_scope", its)
    if its != ours:
        raise pytest.UsageError(
            f"the test's event loop is that of its {its}, and the one of async_pull_page that of its {ours}: "
            f"give the test loop_scope={ours!r}, or set asyncio_default_fixture_loop_scope = {its} for all"
        )


@pytest_asyncio.fixture
async def async_pull_harness(
    pull_server: PushServer,
    pull_bundle: Bundle,
    async_pull_browser: Any,
    request: pytest.FixtureRequest,
) -> AsyncIterator[AsyncPullHarness]:
    """Pages of this test; see ``pull_harness``."""
    from bxpull_server.harness import AsyncPullHarness
    from bxpull_server.harness.clock import ClockError
    from bxpull_server.harness.steps import arun

    if "pull_clock" in request.fixturenames:
        raise ClockError(
            "pull_clock moves pages of Playwright's sync API: use pull_page, not async_pull_page"
        )
    contexts: dict[int, asyncio.Future[Any]] = {}

    async def new_page(user: int) -> Any:
        if user not in contexts:
            # Whoever opens another tab meanwhile waits for the same one.
            contexts[user] = asyncio.ensure_future(async_pull_browser.new_context())
        return await (await contexts[user]).new_page()

    harness = AsyncPullHarness(pull_server, pull_bundle, new_page=new_page)
    yield harness
    await finish(harness.core, request.node, arun)


@pytest_asyncio.fixture
async def async_pull_events(async_pull_harness: AsyncPullHarness) -> AsyncPullEvents:
    """What pages were told, and waiting for it; see ``pull_events``."""
    return async_pull_harness.events


@pytest_asyncio.fixture
async def async_pull_user(async_pull_harness: AsyncPullHarness) -> Callable[[int], AsyncPullUser]:
    """Makes users and, with negative ids, guests; see ``pull_user``."""
    return async_pull_harness.user


@pytest_asyncio.fixture
async def async_pull_page(
    async_pull_harness: AsyncPullHarness, pull_page_url: str | None, pull_page_inject: bool
) -> Any:
    """A page of Playwright's async API whose client is connected; see ``pull_page``."""
    user = async_pull_harness.server.options.user or 1
    return await async_pull_harness.open(user=user, url=pull_page_url, inject=pull_page_inject)
