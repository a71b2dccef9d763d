"""Runs user suites: pytest inside pytest, with real browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.pages import HANDLER

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server import PushServer

INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""
# Plugins of our own tests, which a user need not have: to load them takes longer than most suites here.
WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:anyio")


@pytest.fixture
def run_suite(pytester: pytest.Pytester, browser_name: str) -> Callable[..., pytest.RunResult]:
    """Runs a suite given as text in a process of its own, in the browser of this test."""

    def run(code: str, *arguments: str) -> pytest.RunResult:
        pytester.makeini(INI)
        pytester.makepyfile(test_suite=code)
        return pytester.runpytest_subprocess(
            "-q", "-p", "no:cacheprovider", *WITHOUT, "--browser", browser_name, *arguments, timeout=100
        )

    return run


@pytest.fixture
def own_page(pull_server: PushServer) -> str:
    """The path of a page with a handler, but without a client."""
    pull_server.add_page("/mine.html", "text/html", f"<!doctype html><body><script>{HANDLER}</script>")
    return "/mine.html"
