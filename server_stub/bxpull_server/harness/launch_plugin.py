"""How pytest-playwright starts browsers for pages that connect to a server on this machine.

Registered late: of two plugins' fixtures of one name the later one wins, and asks the other.
"""

from __future__ import annotations

from typing import Any

import pytest

from bxpull_server.harness.launch import with_local_network


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Launch options of the browser: the system's where Playwright has none.

    Pages from anywhere may connect to a server on this machine.
    """
    return with_local_network(browser_name, browser_type_launch_args)
