"""Ten small tests such as users write: what the harness's speed and steadiness are measured with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server import PushServer
    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.harness import PullEvents, PullUser

    Who = Callable[[int], PullUser]

SHOW = "() => BX.addCustomEvent('onPullEvent-im', (_, params) => { document.title = params.text; })"


def test_a_handler_is_called(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    pull_page.evaluate(SHOW)
    pull_user(1).send("im", "message", {"text": "hello"})
    pull_events.expect_call("onPullEvent-im", command="message")
    assert pull_page.title() == "hello"


def test_params_arrive_as_they_were_sent(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    text = "Привет \U0001f600"
    params: dict[str, Any] = {
        "n": 1.5,
        "yes": True,
        "no": None,
        "list": [1, "two"],
        "deep": {"a": {}},
        "t": text,
    }
    pull_user(1).send("crm", "deal", params)
    assert pull_events.expect("crm", "deal").params == params
    assert pull_page.evaluate("BX.PULL.isConnected()")


def test_order_is_kept(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    for number in range(50):
        pull_user(1).send("im", "message", {"number": number})
    pull_events.expect("im", "message", page=pull_page, count=50)
    assert [event.params["number"] for event in pull_events.events] == list(range(50))


def test_other_users_hear_nothing(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    pull_user(2).send("im", "message")
    pull_events.expect_none("im", page=pull_page)


def test_guests_hear(pull_guest: Any, pull_events: PullEvents) -> None:
    page = pull_guest(-1).open()
    pull_guest(-1).send("main", "welcome")
    pull_events.expect("main", "welcome", page=page)


def test_everybody_hears(
    pull_page: Any, pull_user: Who, pull_server: PushServer, pull_events: PullEvents
) -> None:
    other = pull_user(2).open()
    pull_server.add_shared(module_id="main", command="news")
    for page in (pull_page, other):
        pull_events.expect("main", "news", page=page)


def test_a_lost_connection_comes_back(
    pull_page: Any, pull_user: Who, pull_faults: ThreadFaults, pull_events: PullEvents
) -> None:
    pull_faults.drop(user=1)
    pull_user(1).send("im", "message", {"n": 1})
    pull_events.expect("im", "message", page=pull_page, params={"n": 1})


def test_duplicates_are_dropped(
    pull_page: Any, pull_user: Who, pull_faults: ThreadFaults, pull_events: PullEvents
) -> None:
    with pull_faults.duplicate():
        pull_user(1).send("im", "message", {"n": 1})
        pull_events.settle(page=pull_page)
    assert len(pull_events.events) == 1


@pytest.mark.pull_server(server_version=5)
def test_json_rpc(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    assert pull_page.evaluate("BX.PULL.isJsonRpc()")
    pull_user(1).send("im", "message")
    pull_events.expect("im", "message")


def test_a_reloaded_page_goes_on(pull_page: Any, pull_user: Who, pull_events: PullEvents) -> None:
    pull_user(1).send("im", "message", {"n": 1})
    pull_events.expect("im", params={"n": 1})
    pull_page.reload()
    pull_user(1).send("im", "message", {"n": 2})
    pull_events.expect("im", params={"n": 2})
    assert [event.params["n"] for event in pull_events.events] == [1, 2]
