"""A page that has a BX of its own and loads the generated client after it, which adds ``BX.PULL`` there.

The harness puts nothing in; the page's ``BX.addCustomEvent`` and ``BX.message`` stay what they were.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent}


@pytest.fixture
def pull_page_url(pull_server, pull_bundle):
    pull_server.add_page("/bxpull.js", "text/javascript", pull_bundle.scripts["bxpull.js"])
    return "/index.html"


@pytest.fixture
def pull_page_inject():
    return False


def test_events_reach_handlers_of_the_page_s_own_bx(pull_page, pull_user, pull_events):
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.expect_call("onPullEvent-im", command="notify", handler="ring")
    assert pull_page.inner_text("#bell") == "1"
    assert pull_page.inner_text("#greeting") == "Good morning"


def test_a_handler_that_was_removed_is_not_called(pull_page, pull_user, pull_events):
    pull_page.click("#bell")
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.expect("im", "notify")
    assert pull_events.calls == []
    assert pull_page.inner_text("#bell") == "muted"
