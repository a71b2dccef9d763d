"""A React component that listens while it is mounted, with ``BX.PULL.subscribe()`` in an effect.

StrictMode mounts every component twice: an effect that does not clean up would count twice.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

HERE = Path(__file__).parent


@pytest.fixture
def pull_server_options():
    return {"static": HERE}


@pytest.fixture
def pull_page_url(pull_server, bundled):
    pull_server.add_page("/app.js", "text/javascript", bundled(HERE / "app.jsx"))
    return "/index.html"


def test_it_listens_once_it_is_mounted(pull_page, pull_user, pull_events):
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.expect_call("subscribe server im/notify", handler="ring")
    expect(pull_page.locator("output")).to_have_text("1 new")
    assert len(pull_events.calls) == 1


def test_it_no_longer_listens_once_it_is_unmounted(pull_page, pull_user, pull_events):
    pull_page.click("text=Hide")
    expect(pull_page.locator("output")).to_have_count(0)
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.expect("im", "notify")
    assert pull_events.calls == []

    pull_page.click("text=Show")
    expect(pull_page.locator("output")).to_have_text("0 new")
    pull_user(1).send("im", "notify", {"id": 2})
    pull_events.expect_call("subscribe server im/notify", handler="ring", params={"id": 2})
    expect(pull_page.locator("output")).to_have_text("1 new")
