"""What the packages export, and that annotations of fixtures need nothing else."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest

import bxpull_server
from bxpull_server import harness
from bxpull_server.harness import plugin, secrets_plugin

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize("package", [bxpull_server, harness], ids=lambda package: package.__name__)
def test_every_name_is_there(package: ModuleType) -> None:
    assert sorted(package.__all__) == dir(package)
    assert [name for name in package.__all__ if getattr(package, name, None) is None] == []


def test_types_of_fixtures_are_exported() -> None:
    fixtures = {
        name: value
        for module in (plugin, secrets_plugin)
        for name, value in vars(module).items()
        if name.startswith("pull_") and isinstance(value, type(plugin.pull_server))
    }
    assert {"pull_clock", "pull_events", "pull_faults", "pull_secrets", "pull_user"} <= fixtures.keys()
    told = " ".join(str(inspect.unwrap(value).__annotations__["return"]) for value in fixtures.values())
    ours = set(re.findall(r"\b(?:Pull|Thread|Secret|Bundle)\w*", told))
    assert "PullClock" in ours
    assert ours <= {*bxpull_server.__all__, *harness.__all__}
