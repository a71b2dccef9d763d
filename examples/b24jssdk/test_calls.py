"""An application whose client is not ours but the one of ``@bitrix24/b24jssdk``: the server serves it, too.

The harness sees only clients that are ``BX.PULL``, so the test waits for server and page.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect

HERE = Path(__file__).parent


@pytest.fixture
def pull_server_options():
    return {"static": HERE}


@pytest.fixture
def application(page, pull_server, bundled):
    pull_server.add_page("/app.js", "text/javascript", bundled(HERE / "app.js"))
    page.goto(f"{pull_server.url}/index.html")
    pull_server.wait_connected(1)
    return page


def test_calls_are_shown(application, pull_user):
    pull_user(1).send("telephony", "incomingCall", {"number": "+49 30 1234"})
    pull_user(1).send("telephony", "callEnded", {"number": "+49 30 1234"})
    pull_user(1).send("telephony", "incomingCall", {"number": "+49 30 5678"})
    expect(application.locator("#calls li")).to_have_text(["+49 30 1234", "+49 30 5678"])
    expect(application.locator("#status")).to_have_text("online")


def test_what_was_sent_while_it_was_away_comes_later(application, pull_user, pull_faults):
    expect(application.locator("#status")).to_have_text("online")
    pull_user(1).send("telephony", "incomingCall", {"number": "1"})
    expect(application.locator("#calls li")).to_have_text(["1"])
    pull_faults.drop()
    pull_user(1).send("telephony", "incomingCall", {"number": "2"})
    # This client takes its time until it connects again.
    expect(application.locator("#calls li")).to_have_text(["1", "2"], timeout=40_000)
