"""A page that has loaded the script and not started the client: nothing happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.support import inline

if TYPE_CHECKING:
    from tests.e2e.support import NewTab, Site, Tab

IDLE = (Path(__file__).parent / "idle.js").read_text("utf-8")


@pytest.fixture
def idle_tab(site: Site, new_tab: NewTab) -> Tab:
    """A page with the default script, that nobody started."""
    return new_tab().open(site.page(inline(IDLE), site.bundle()))


def test_the_script_does_nothing_but_define_its_globals(idle_tab: Tab) -> None:
    assert idle_tab.run("idle()") == {"done": {}, "globals": ["BX"]}


def test_it_listens_waits_and_asks_once_it_is_started(idle_tab: Tab) -> None:
    idle_tab.run("void BX.PULL.start()")
    idle_tab.connected()
    assert {"setTimeout", "addEventListener", "fetch", "WebSocket"} <= set(idle_tab.run("idle().done"))
