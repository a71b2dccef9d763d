"""Fixtures of the chaos test."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING

import pytest

from bxpull_server.harness.browsers import launch_options
from tests.chaos.cell import BROWSERS, PLACES
from tests.chaos.page_server import PageServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright


@pytest.fixture(scope="session")
def pages() -> Iterator[PageServer]:
    """The page's origin."""
    with PageServer() as pages:
        yield pages


@pytest.fixture(scope="session")
def browser_of(playwright: Playwright) -> Iterator[Callable[[str], Browser]]:
    """Each browser is started once: Firefox takes as long for that as for a schedule."""
    with ExitStack() as stack:
        yield cache(
            lambda name: stack.enter_context(getattr(playwright, name).launch(**launch_options(name)))
        )


@pytest.fixture
def some_browser(request: pytest.FixtureRequest) -> str:
    """For what need not be tried in each."""
    named: list[str] = request.config.getoption("--browser")
    return (named or BROWSERS)[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test of a ``place`` in each cell of the matrix."""
    if "place" not in metafunc.fixturenames:
        return
    browsers = metafunc.config.getoption("--browser")
    metafunc.parametrize(
        "place",
        [pytest.param(place, id=str(place)) for place in PLACES if not browsers or place.browser in browsers],
    )
