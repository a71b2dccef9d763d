"""Several tabs of one user, which share one connection by a shared worker, and stay in step.

What is read in one tab is read in all; when the tab that connected first is closed, the others go on.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent}


@pytest.fixture
def pull_bundle_options():
    return {"shared_worker": True}


@pytest.fixture
def tabs(pull_user, pull_server):
    tabs = [pull_user(1).open("/index.html") for _ in range(3)]
    assert len(pull_server.connections()) == 1
    return tabs


def shown(tabs):
    return [tab.inner_text("#bell") for tab in tabs]


def test_every_tab_counts(tabs, pull_user, pull_events):
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.settle()
    assert shown(tabs) == ["1", "1", "1"]


def test_what_is_read_in_one_tab_is_read_in_all(tabs, pull_user, pull_events):
    def read(route):
        pull_user(1).send("im", "notifyRead", {"unread": 0})
        route.fulfill(status=204)

    tabs[1].route("**/notifications/read", read)
    pull_user(1).send("im", "notify", {"id": 1})
    tabs[1].click("#bell")
    pull_events.expect("im", "notifyRead", count=3)
    assert shown(tabs) == ["0", "0", "0"]


def test_the_others_go_on_when_the_first_tab_is_closed(tabs, pull_user, pull_events):
    tabs.pop(0).close()
    pull_user(1).send("im", "notify", {"id": 1})
    pull_events.settle()
    assert shown(tabs) == ["1", "1"]
