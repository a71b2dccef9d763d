"""Fixtures of the chaos test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.cell import BROWSERS, PLACES
from tests.chaos.page_server import PageServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def pages() -> Iterator[PageServer]:
    """The page's origin."""
    with PageServer() as pages:
        yield pages


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
