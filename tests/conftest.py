"""What holds for all tests: how generated ones are run, and which go to the same worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    import pytest

# A loaded machine is slow, not wrong.
settings.register_profile("bxpull", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bxpull")


class _Groups(LoadGroupScheduling):  # type: ignore[misc] # has no types
    """By names, for the marker ``xdist_group`` has no effect in pytest 9.2 with pytest-xdist 3.8."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        if file == "tests/conformance/test_peer_codec.py":
            return nodeid  # each takes longer than what it shares
        if file.startswith(("tests/conformance/", "examples/")):
            return file
        if file == "tests/chaos/test_chaos.py":
            # One browser a worker.
            return rest.partition("-")[0]
        return nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Groups | None:
    """Groups tests of runs with ``--dist loadgroup``."""
    return _Groups(config, log) if config.getvalue("dist") == "loadgroup" else None
