"""Users in browsers of their own: who gets what from the back end, by watching a tag, and from another page.

Two of three users chat; the third must not notice.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent, "server_version": 5}


@pytest.fixture
def anna(pull_user):
    return pull_user(1).open("/chat.html?with=2")


@pytest.fixture
def ben(pull_user):
    return pull_user(2).open("/chat.html?with=1")


@pytest.fixture
def carl(pull_user):
    return pull_user(3).open("/chat.html?with=1")


def test_the_partner_sees_that_somebody_types(anna, ben, carl, pull_events):
    anna.fill("#text", "hello")
    event = pull_events.expect("im", "startWriting", page=ben)
    assert event.type == "client"
    assert ben.inner_text("#typing") == "User 1 is typing"
    pull_events.expect_none("im", page=carl)


def test_a_message_reaches_those_who_take_part(anna, ben, carl, pull_server, pull_events):
    pull_server.add_by_users(
        [1, 2], module_id="im", command="message", params={"name": "Anna", "text": "hello"}
    )
    pull_events.settle()
    texts = [page.inner_text("#messages") for page in (anna, ben, carl)]
    assert texts == ["Anna: hello", "Anna: hello", ""]


def test_an_open_chat_is_told_to_those_who_watch_it(ben, carl, pull_server, pull_user, pull_events):
    pull_user(3).watch("IM_PUBLIC_7")
    pull_server.add_to_stack(
        "IM_PUBLIC_7", module_id="im", command="message", params={"name": "Dora", "text": "news"}
    )
    pull_events.expect("im", "message", page=carl)
    pull_events.expect_none("im", page=ben)
    assert carl.inner_text("#messages") == "Dora: news"
