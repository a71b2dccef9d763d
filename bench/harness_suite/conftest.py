"""Every test of the suite ``BXPULL_ROUNDS`` times."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeats each test."""
    metafunc.fixturenames.append("round_number")
    metafunc.parametrize("round_number", range(int(os.environ.get("BXPULL_ROUNDS", "1"))))
