"""Vue components that listen while they are mounted, with ``BX.addCustomEvent`` and ``BX.removeCustomEvent``.

Two cards of a deal kanban: each takes the changes of its own deal.
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
    pull_server.add_page("/app.js", "text/javascript", bundled(HERE / "app.js"))
    return "/index.html"


def test_a_card_takes_the_changes_of_its_deal(pull_page, pull_user, pull_events):
    pull_user(1).send("crm", "deal_update", {"id": 6, "fields": {"stage": "Won"}})
    pull_events.expect_call("onPullEvent-crm", command="deal_update", count=2)
    expect(pull_page.locator("article")).to_have_text(["Chairs: New", "Tables: Won"])


def test_cards_that_were_closed_no_longer_listen(pull_page, pull_user, pull_events):
    pull_page.click("text=Close")
    expect(pull_page.locator("article")).to_have_count(0)
    pull_user(1).send("crm", "deal_update", {"id": 5, "fields": {"stage": "Won"}})
    pull_events.expect("crm", "deal_update")
    assert pull_events.calls == []

    pull_page.click("text=Open")
    pull_user(1).send("crm", "deal_update", {"id": 5, "fields": {"title": "Ten chairs"}})
    expect(pull_page.locator("article")).to_have_text(["Ten chairs: New", "Tables: New"])
