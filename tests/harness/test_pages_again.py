"""bxpull_server.harness: pages that are left, loaded or opened again; whose events are seen then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.harness import ExpectationError, PullHarness

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from bxpull_server import PushServer
    from bxpull_server.harness import PullEvents, PullUser


def test_nothing_is_lost_on_the_way_to_another_origin_and_back(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents, context: BrowserContext, browser_name: str
) -> None:
    for host in ("one", "two"):
        context.route(
            f"http://{host}.example/",
            lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"),
        )
    page = pull_user(4).open("http://one.example/")

    def send(numbers: range) -> None:
        page.wait_for_function("BX.PULL.isConnected()")
        page.evaluate(
            """() => { BX.addCustomEvent("onPullEvent-im", (_, { id }) => { window.id = id; }); }"""
        )
        for number in numbers:
            pull_user(4).send("im", "message", {"id": number})
        page.wait_for_function("(id) => window.id === id", arg=numbers[-1])

    send(range(1))
    pull_events.expect("im", params={"id": 0})
    page.goto("http://two.example/")
    # More than was fetched of the page before, and not looked at in between.
    send(range(1, 8))
    pull_events.expect("im", params={"id": 7})
    page.goto("http://one.example/")
    send(range(8, 10))
    pull_events.expect("im", params={"id": 9})
    # The client resumes where it was in this origin. Firefox changes processes with the origin, and on a busy
    # machine what a page puts into the session storage as it leaves may not be there in time.
    got = [event.params["id"] for event in pull_events.events]
    anew = browser_name == "firefox" and got[8:] == [8, 9]
    assert anew or got[8:] == [*range(1, 10)]
    assert got[:8] == [*range(8)]


def test_what_a_page_was_told_is_not_mixed_with_that_of_its_frames(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents, own_page: str
) -> None:
    page = pull_user(4).open(own_page)
    for number in range(3):
        pull_user(4).send("im", "message", {"id": number})
    page.wait_for_function("document.title === 'message2'")
    page.evaluate("""() => {
        document.body.append(Object.assign(document.createElement("iframe"), { src: location.href }));
    }""")
    pull_user(4).wait_connected(tabs=2)
    page.reload()
    page.wait_for_function("BX.PULL.isConnected()")
    pull_events.settle()
    assert [event.params["id"] for event in pull_events.events] == [0, 1, 2]


@pytest.mark.only_browser("chromium")
def test_what_a_page_cannot_keep_is_seen_nevertheless(
    pull_page: Any, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate(
        """() => { BX.addCustomEvent("onPullEvent-im", (command) => { window.command = command; }); }"""
    )
    for _ in range(8):
        pull_user(1).send("im", "message", {"text": "x" * 900_000})
    pull_user(1).send("im", "last")
    pull_page.wait_for_function("window.command === 'last'")
    # Not by the test, which would look at it first.
    with pull_page.expect_event("load"):
        pull_page.evaluate("() => { setTimeout(() => { location.reload(); }); }")
    with pytest.raises(ExpectationError, match=r"(?s)8 came.*there was no room for this"):
        pull_events.expect_none("im", "message")


@pytest.mark.only_browser("chromium")
def test_a_page_that_is_opened_again_is_still_one(
    pull_harness: PullHarness,
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
    own_page: str,
) -> None:
    page = pull_user(4).open(own_page)
    for number in range(2):
        pull_user(4).send("im", "message", {"id": number})
    page.wait_for_function("document.title === 'message1'")
    pull_user(4).open(f"{own_page}?again", page=page)
    pull_harness.attach(page, user=4)
    pull_user(4).send("im", "message", {"id": 2})
    pull_events.expect("im", params={"id": 2}, page=page)
    assert [event.params["id"] for event in pull_events.events] == [0, 1, 2]


@pytest.mark.only_browser("chromium")
def test_a_page_that_is_opened_for_another_user_is_no_more_the_first_one_s(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(1).open()
    pull_user(1).send("im", "message", {"id": 1})
    pull_events.expect("im", user=1)
    pull_user(2).open(page=page)
    pull_user(2).send("im", "message", {"id": 2})
    pull_events.expect("im", params={"id": 2})
    assert [(event.page, event.params["id"]) for event in pull_events.events] == [
        ("user 1", 1),
        ("user 2", 2),
    ]


@pytest.mark.only_browser("chromium")
def test_what_the_page_of_an_earlier_test_was_told_is_not_seen(
    pull_server: PushServer, context: BrowserContext
) -> None:
    page = context.new_page()
    first, second = PullHarness(pull_server), PullHarness(pull_server)
    first.open(page)
    page.evaluate("() => { BX.addCustomEvent('onPullEvent-im', () => { document.title = 'told'; }); }")
    first.user(1).send("im", "message")
    page.wait_for_function("document.title === 'told'")
    second.open(page)
    second.events.expect_none("im")


@pytest.mark.only_browser("chromium")
def test_pages_can_be_opened_after_a_reset(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents, pull_server: PushServer
) -> None:
    pull_user(1).open()
    pull_server.reset()
    page = pull_user(2).open()
    pull_user(2).send("im", "message")
    pull_events.expect("im", page=page)
