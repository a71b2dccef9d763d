"""Handlers as the mobile application has them: ``onPull-<module>`` and ``onPull``, with one object.

The client is built for them only, and the page is as small as a telephone.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent}


@pytest.fixture
def pull_bundle_options():
    return {"events": "mobile"}


@pytest.fixture
def pull_page_url():
    return "/tasks.html"


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 390, "height": 844}}


def test_tasks_come_and_go(pull_page, pull_user, pull_events):
    pull_user(1).send("tasks", "task_add", {"id": 1, "title": "Call the customer"})
    pull_user(1).send("tasks", "task_add", {"id": 2, "title": "Write the offer"})
    pull_user(1).send("tasks", "task_remove", {"id": 1})
    pull_events.expect_call("onPull-tasks", command="task_remove", handler="taskList")
    assert pull_page.locator("#tasks li").all_inner_texts() == ["Write the offer"]


def test_what_changed_last_is_told_of_every_module(pull_page, pull_user, pull_events):
    pull_user(1).send("calendar", "event_add", {"id": 3})
    pull_events.expect_call("onPull", module="calendar")
    assert pull_page.inner_text("#last") == "calendar event_add"
    assert pull_page.inner_text("#tasks") == ""
