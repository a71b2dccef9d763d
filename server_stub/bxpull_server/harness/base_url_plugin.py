"""The fixture ``base_url`` where pytest-base-url is not in use.

pytest-playwright has one for that case, which newer versions of pytest warn about in every run. Registered
late, like :mod:`bxpull_server.harness.launch_plugin`.
"""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def base_url(pytestconfig: pytest.Config) -> str | None:
    """What ``page.goto("/path")`` is relative to: option ``--base-url``, or ``base_url`` of the ini-file."""
    return pytestconfig.getoption("--base-url") or pytestconfig.getini("base_url") or None
