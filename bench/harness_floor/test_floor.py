"""The set-up of ``pull_page`` and the least that pytest-playwright needs for a page, in turns.

Both open a page in a new context, from a server of the same kind, with one script in it, and ask it once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server import PushServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = range(int(os.environ.get("BXPULL_ROUNDS", "1")))
PAGE = '<!doctype html><title>floor</title><link rel="icon" href="data:,"><script src="/floor.js"></script>'


@pytest.fixture(scope="session")
def floor_url() -> Iterator[str]:
    """Of a static page."""
    with PushServer() as server:
        server.add_page("/floor.js", "text/javascript", "window.ready = true;")
        server.add_page("/floor.html", "text/html", PAGE)
        yield f"{server.url}/floor.html"


@pytest.fixture
def floor(page: Any, floor_url: str) -> Any:
    """A page of pytest-playwright, and nothing of ours."""
    page.goto(floor_url)
    assert page.evaluate("window.ready")
    return page


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Any:
    """One of the two."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("made", ["floor", "pull_page"], indirect=True)
@pytest.mark.parametrize("round_number", ROUNDS)
def test_setup(round_number: int, made: Any) -> None:
    """Only its set-up counts."""
    assert round_number >= 0
    assert made
