"""Runs user suites: pytest inside pytest, with real browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
"""


@pytest.fixture
def run_suite(pytester: pytest.Pytester, browser_name: str) -> Callable[..., pytest.RunResult]:
    """Runs a suite given as text in a process of its own, in the browser of this test."""

    def run(code: str, *arguments: str) -> pytest.RunResult:
        pytester.makeini(INI)
        pytester.makepyfile(test_suite=code)
        return pytester.runpytest_subprocess(
            "-q", "-p", "no:cacheprovider", "--browser", browser_name, *arguments, timeout=100
        )

    return run
