"""A page of your own, served from its folder: the harness puts the client in and connects it.

The page counts unread messages; the tests send them as the back end would.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent}


@pytest.fixture
def pull_page_url():
    return "/index.html"


def test_messages_are_counted(pull_page, pull_user, pull_events):
    pull_user(1).send("im", "message", {"id": 5, "text": "hello"})
    pull_user(1).send("im", "message", {"id": 6, "text": "are you there?"})
    pull_events.expect("im", "message", params={"id": 6})
    assert pull_page.inner_text("#unread") == "2"


def test_reading_sets_the_counter_back(pull_page, pull_user, pull_events):
    pull_user(1).send("im", "counter", {"unread": 7})
    pull_user(1).send("im", "readAll")
    pull_events.expect_call("onPullEvent-im", command="readAll", handler="countUnread")
    assert pull_page.inner_text("#unread") == "0"


def test_other_modules_are_none_of_its_business(pull_page, pull_user, pull_events):
    pull_user(1).send("tasks", "message", {"id": 5})
    pull_events.settle()
    assert pull_events.calls == []
    assert pull_page.inner_text("#unread") == "0"
