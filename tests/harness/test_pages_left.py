"""bxpull_server.harness: what a page was told, and what it has thrown, before it was closed or left."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from bxpull_server.harness import ExpectationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route

    from bxpull_server import PushServer
    from bxpull_server.harness import PullEvents, PullUser

BREAK = """() => {
    BX.addCustomEvent("onPullEvent-im", function app(command, { id }) {
        document.title = command + id;
        throw new Error("broken " + id);
    });
}"""
ELSEWHERE = "http://elsewhere.example/"


def told(page: Page, user: PullUser, number: int) -> None:
    """The page has been told an event, and has thrown; the harness has not looked."""
    page.wait_for_function("BX.PULL.isConnected()")
    page.evaluate(BREAK)
    user.send("im", "message", {"id": number})
    page.wait_for_function(f"document.title === 'message{number}'")


def elsewhere(page: Page) -> None:
    """Another origin, which the page's program does not know."""
    page.route(
        ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body="<!doctype html>elsewhere")
    )
    page.goto(ELSEWHERE)


def by_itself(page: Page, url: str) -> None:
    """The page goes to another one, without its program."""
    page.evaluate("(url) => { setTimeout(() => { location.href = url; }); }", url)
    page.wait_for_url(url)


@pytest.mark.parametrize(
    "leave", ["close", "close_context", "elsewhere", "blank", "itself", "itself, elsewhere"]
)
def test_what_a_page_was_told_last_is_seen(
    leave: str, pull_user: Callable[[int], PullUser], pull_events: PullEvents, pull_server: PushServer
) -> None:
    page = pull_user(4).open()
    told(page, pull_user(4), 1)
    if leave == "close":
        page.close()
    elif leave == "close_context":
        page.context.close()
    elif leave == "elsewhere":
        elsewhere(page)
    elif leave == "blank":
        page.goto("about:blank")
    else:
        other = pull_server.url.replace("127.0.0.1", "localhost") + "/"
        by_itself(page, other if "elsewhere" in leave else f"{page.url}&again")
    assert [event.params["id"] for event in pull_events.events] == [1]
    assert pull_events.expect_call("onPullEvent-im", page=page, timeout=0).handler == "app"
    assert pull_events.expect_error("broken 1", page=page, timeout=0).stack
    assert len(pull_events.errors) == 1


def test_an_error_of_a_page_that_nobody_looked_at_is_seen(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents, own_page: str
) -> None:
    page = pull_user(4).open(own_page)
    elsewhere(page)
    told(page, pull_user(4), 1)
    by_itself(page, "about:blank")
    pull_events.expect_error("broken 1")
    assert [event.params["id"] for event in pull_events.events] == [1]


@pytest.mark.only_browser("firefox")
def test_a_page_that_closes_itself_is_seen(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(4).open()
    told(page, pull_user(4), 1)
    with page.expect_event("close"):
        page.evaluate("() => { setTimeout(() => { window.close(); }); }")
    pull_events.expect_error("broken 1")


@pytest.mark.parametrize("elsewhere_too", [False, True])
def test_what_was_answered_while_the_page_was_left_is_seen(
    elsewhere_too: bool,
    pull_page: Page,
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
) -> None:
    told(pull_page, pull_user(1), 1)
    pull_page.route(
        ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body="<!doctype html>elsewhere")
    )
    # The harness asks, and does not get the answer any more.
    pull_page.evaluate("() => { bxpullRecorder.take('', 0); }")
    by_itself(pull_page, ELSEWHERE if elsewhere_too else f"{pull_page.url}&again")
    pull_events.expect("im", params={"id": 1})
    pull_events.expect_error("broken 1")
    assert len(pull_events.events) == len(pull_events.errors) == len(pull_events.calls) == 1


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("how", ["goto", "context.close"])
def test_an_error_of_a_page_that_was_left_fails_the_test(
    how: str, run_suite: Callable[..., pytest.RunResult]
) -> None:
    leave = {"goto": "pull_page.goto('about:blank')", "context.close": "pull_page.context.close()"}[how]
    result = run_suite(f"""
        def test_unexpected(pull_page, pull_user):
            pull_page.evaluate({BREAK!r})
            pull_user(1).send("im", "message", {{"id": 1}})
            pull_page.wait_for_function("document.title === 'message1'")
            {leave}
    """)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*user 1: Error: broken 1 (handler app of onPullEvent-im, im/message)"])


def told_much(page: Page, user: PullUser, count: int, length: int) -> None:
    """So many events, of so many characters, have come, and nobody has looked."""
    page.evaluate("() => { BX.addCustomEvent('onPullEvent-im', (_, { id }) => { document.title = id; }); }")
    for number in range(count):
        user.send("im", "message", {"id": number, "text": "x" * length})
    page.wait_for_function(f"document.title === '{count - 1}'")


def test_more_than_a_page_can_leave_behind_is_told_in_short(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents, browser_name: str
) -> None:
    page = pull_user(4).open()
    told_much(page, pull_user(4), 20, {"chromium": 10_000, "firefox": 110_000}[browser_name])
    by_itself(page, "about:blank")
    events = pull_events.events
    assert [event.command for event in events] == ["message"] * 20
    assert events[0].params == "(the page was left, and there was no room for this)"


@pytest.mark.left_to_chromium
def test_coroutines_see_the_same(run_suite: Callable[..., pytest.RunResult], browser_name: str) -> None:
    # A browser is started for each, which takes Firefox some seconds.
    leaves = ["page.goto('about:blank')", "page.close()", "page.context.close()"]
    leaves = leaves[:1] if browser_name == "firefox" else leaves
    run_suite(f"""
        import pytest

        LEAVES = {leaves!r}

        @pytest.mark.parametrize("leaves", LEAVES)
        async def test_left(async_pull_page, async_pull_user, async_pull_events, leaves):
            page = async_pull_page
            await page.evaluate({BREAK!r})
            async_pull_user(1).send("im", "message", {{"id": 1}})
            await page.wait_for_function("document.title === 'message1'")
            await eval(leaves)
            assert [event.params["id"] for event in await async_pull_events.events()] == [1]
            await async_pull_events.expect_error("broken 1")
    """).assert_outcomes(passed=len(leaves))


@pytest.mark.only_browser("firefox")
def test_a_page_that_stayed_has_room_for_what_it_leaves_behind(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(4).open()
    page.evaluate("() => { dispatchEvent(new Event('beforeunload')); }")  # As a download begins.
    told_much(page, pull_user(4), 60, 30_000)
    by_itself(page, "about:blank")
    assert [len(event.params["text"]) for event in pull_events.events] == [30_000] * 60


@pytest.mark.only_browser("firefox")
def test_a_page_that_is_ended_early_has_handed_over_what_it_had(
    pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(4).open()
    told(page, pull_user(4), 1)

    def slowly(route: Route) -> None:
        pull_user(4).send("im", "message", {"id": 2})
        page.wait_for_function("document.title === 'message2'")
        route.fulfill(content_type="text/html", body="<!doctype html>elsewhere")

    page.route(ELSEWHERE, slowly)
    # As if the page's process had ended before it could say that it goes.
    page.evaluate("() => addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true)")
    by_itself(page, ELSEWHERE)
    assert [event.params["id"] for event in pull_events.events] == [1, 2]
    assert [call.params["id"] for call in pull_events.calls] == [1, 2]
    pull_events.expect_error("broken")
    assert len(pull_events.errors) == 2


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("opens", ["before", "after"])
def test_a_page_that_has_crashed_is_closed(
    opens: str, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(1).open()
    other = pull_user(1).open() if opens == "before" else None
    told(page, pull_user(1), 1)
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    other = other or pull_user(1).open()
    with pytest.raises(ExpectationError, match=r"there is no page to tell: user 1 \(crashed\)"):
        pull_events.expect_none("crm", page=page)
    pull_user(1).send("im", "message", {"id": 2})
    pull_events.expect("im", params={"id": 2}, page=other)
    pull_events.expect_none("crm")
    pull_events.expect_error("broken 1")
