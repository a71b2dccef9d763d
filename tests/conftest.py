"""What holds for all tests: how generated ones run, which Firefox is spared, which go to the same worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadGroupScheduling

from tests.selection import leave_out, values_in_firefox

_E2E = Path(__file__).parent / "e2e"

# A loaded machine is slow, not wrong.
settings.register_profile("bxpull", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bxpull")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--thorough``."""
    parser.addoption(
        "--thorough",
        action="store_true",
        help="run tests marked every_wire or every_format on all of them, not those that the marker names; "
        "those left to Chromium in Firefox, too; and a whole day on moved clocks",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker."""
    config.addinivalue_line("markers", "left_to_chromium: runs in Firefox with --thorough only")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spares Firefox, which takes seconds for a page, the tests that say so; and starts it once."""
    items.sort(key=_turn)
    if not config.getoption("--thorough"):
        leave_out(config, items, _is_spared)


def _turn(item: pytest.Item) -> int:
    """Browser tests come last: Playwright keeps an event loop from then on, which asynchronous tests mind.

    Those in Firefox follow each other. What is left for the very end should be short.
    """
    if values_in_firefox(item) is not None:
        return 1
    return 2 if _E2E in item.path.parents else 0


def _is_spared(item: pytest.Item) -> bool:
    return values_in_firefox(item) is not None and item.get_closest_marker("left_to_chromium") is not None


class _Groups(LoadGroupScheduling):  # type: ignore[misc] # has no types
    """By names, for the marker ``xdist_group`` has no effect in pytest 9.2 with pytest-xdist 3.8."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        if file == "tests/conformance/test_peer_codec.py":
            return nodeid  # each takes longer than what it shares
        if file.startswith(("tests/conformance/", "examples/")):
            return f"{file} in Firefox" if "[firefox" in rest else file
        if file == "tests/chaos/test_chaos.py":
            # One browser a worker.
            return rest.partition("-")[0]
        return nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Groups | None:
    """Groups tests of runs with ``--dist loadgroup``, in the order of :func:`_turn`."""
    if config.getvalue("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    return _Groups(config, log)
