"""bxpull_server.harness: pages of the users' own, and what is seen of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.errors import EventError
from bxpull_server.harness import ExpectationError, HandlerFailedError, NotConnectedError, PullHarness
from bxpull_server.journal import SocketOpened
from tests.harness.pages import HANDLER

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from bxpull_server import PushServer
    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.harness import Bundle, PullEvents, PullUser


def test_a_page_from_elsewhere(
    pull_harness: PullHarness,
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
    context: BrowserContext,
) -> None:
    page = context.new_page()
    html = f"<!doctype html><script>{HANDLER}</script>"
    page.route("http://app.example/", lambda route: route.fulfill(content_type="text/html", body=html))
    pull_harness.open(page, user=3, url="http://app.example/")
    pull_user(3).send("im", "message", {"id": 4})
    assert pull_events.expect_call("onpullevent-im", handler="app").params == {"id": 4}
    assert page.title() == "message4"
    page.reload()
    pull_user(3).wait_connected()
    pull_user(3).send("im", "message", {"id": 5})
    pull_events.expect("im", params={"id": 5})
    assert page.title() == "message5"


def test_a_page_that_brings_its_client(
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
    pull_server: PushServer,
    pull_bundle: Bundle,
) -> None:
    pull_server.add_page("/client.js", "text/javascript", pull_bundle.scripts["bxpull.js"])
    html = f"<!doctype html><script src=client.js></script><script>{HANDLER} BX.PULL.start();</script>"
    pull_server.add_page("/mine.html", "text/html", html)
    page = pull_user(4).open("/mine.html", inject=False)
    pull_user(4).send("im", "message", {"id": 4})
    pull_events.expect_call("onPullEvent-im", handler="app")
    # What a page was told is kept when it is left.
    page.reload()
    pull_user(4).send("im", "message", {"id": 5})
    pull_events.expect("im", params={"id": 5})
    assert [event.params["id"] for event in pull_events.events] == [4, 5]


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("end", ["BX.PULL.destroy()", "BX.PULL.stop()", "BX.PULL.disconnect()"])
def test_a_tab_opens_beside_one_whose_client_has_ended(
    end: str, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_user(1).open().evaluate(end)
    pull_user(1).open()
    pull_user(1).send("im", "message")
    pull_events.expect("im", "message")


@pytest.mark.left_to_chromium
@pytest.mark.parametrize("opens", ["before", "after"])
def test_waiting_ends_where_the_page_s_clock_stands_still(
    opens: str, page: Page, pull_harness: PullHarness, pull_faults: ThreadFaults
) -> None:
    if opens == "before":
        pull_harness.open(page)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    if opens == "after":
        with pull_faults.refuse(403), pytest.raises(NotConnectedError, match=r"not connected after 0\.2 s"):
            pull_harness.open(page, timeout=0.2)
        return
    pull_harness.user(1).send("im", "message", {"id": 1})
    pull_harness.events.expect("im", "message")
    with pytest.raises(ExpectationError, match=r"nearest of 1 seen"):
        pull_harness.events.expect("im", "delete", timeout=0.2)


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("begins", ["before", "after"])
def test_events_keep_their_order_whatever_time_the_page_is_told(
    begins: str, page: Page, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    if begins == "before":
        page.clock.install(time="2024-01-01")
    pull_user(1).open(page=page)
    pull_user(1).send("im", "message", {"id": 1})
    pull_events.settle()
    page.clock.set_fixed_time("2020-01-01")
    pull_user(1).send("im", "message", {"id": 2})
    pull_events.settle()
    assert [event.params["id"] for event in pull_events.events] == [1, 2]


@pytest.mark.only_browser("chromium")
def test_what_cannot_be_opened_is_named(pull_user: Callable[[Any], PullUser]) -> None:
    with pytest.raises(
        NotConnectedError, match=r"user 1: the server has no page at /misspelt\.html: correct"
    ):
        pull_user(1).open("/misspelt.html")
    for user in (0, "1"):
        with pytest.raises(EventError, match="user: must be a user id, or a negative guest id, not"):
            pull_user(user)


@pytest.mark.left_to_chromium
def test_tabs_into_which_the_client_is_put_share_a_connection_too(
    make_pull_bundle: Callable[..., Bundle],
    pull_server: PushServer,
    own_page: str,
    context: BrowserContext,
) -> None:
    bundle = make_pull_bundle(shared_worker=True)
    harness = PullHarness(pull_server, bundle, new_page=lambda _: context.new_page())
    tabs = [harness.open(user=4, url=own_page) for _ in range(2)]
    assert len(pull_server.connections()) == 1
    harness.user(4).send("im", "message", {"id": 4})
    harness.events.settle()
    assert [tab.title() for tab in tabs] == ["message4", "message4"]


@pytest.mark.only_browser("chromium")
def test_without_the_plugin_errors_that_nobody_expects_show_at_the_end(
    pull_server: PushServer, context: BrowserContext
) -> None:
    pull_server.add_page("/bad.html", "text/html", "<!doctype html><script>throw new Error('bad')</script>")
    with (
        pytest.raises(HandlerFailedError, match="Error: bad"),
        PullHarness(pull_server, new_page=lambda _: context.new_page()) as harness,
    ):
        harness.open(url="/bad.html")
    # What the test itself found counts more.
    with pytest.raises(ZeroDivisionError), PullHarness(pull_server) as harness:  # noqa: PT012 - all of the block
        harness.open(context.new_page(), url="/bad.html")
        raise ZeroDivisionError


def test_every_way_to_handle_is_seen(
    pull_page: Any, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate("""() => {
        const named = (name) => Object.defineProperty(() => {}, "name", { value: name });
        const removed = named("removed");
        BX.addCustomEvent("onPullEvent-im", removed);
        BX.removeCustomEvent("onPullEvent-im", removed);
        BX.addCustomEvent(window, "onPullEvent-im", named("desktop"));
        BX.addCustomEvent("onPullEvent", named("desktopAll"));
        BX.addCustomEvent("onPull-im", named("mobile"));
        BX.addCustomEvent("onPull", named("mobileAll"));
        BX.Event.EventEmitter.subscribe("onpullevent-im", named("emitter"));
        BX.PULL.subscribe({ moduleId: "im", command: "message", callback: named("one") });
        BX.PULL.subscribe({ moduleId: "im", callback: named("module") });
        BX.PULL.subscribe({ getModuleId: () => "im", handleMessage() {} });
        const own = { getModuleId: () => "im", getMap: () => ({ message: "own" }), own() {} };
        BX.PULL.attachCommandHandler(own);
    }""")
    pull_user(1).send("im", "message", {"id": 1})
    pull_events.settle()
    calls = pull_events.calls
    assert sorted(call.handler for call in calls) == sorted(
        ["desktop", "desktopAll", "mobile", "mobileAll", "emitter", "one", "module", "handleMessage", "own"]
    )
    assert {(call.module, call.command) for call in calls} == {("im", "message")}
    assert [call.params for call in calls] == [{"id": 1}] * len(calls)
    assert len(pull_events.events) == 1


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("events", ["desktop", "mobile"])
def test_an_event_is_one_whichever_handlers_there_are(
    events: str,
    make_pull_bundle: Callable[..., Bundle],
    pull_server: PushServer,
    context: BrowserContext,
) -> None:
    harness = PullHarness(pull_server, make_pull_bundle(events=events), new_page=lambda _: context.new_page())
    harness.open(user=1)
    for number in range(3):
        harness.user(1).send("im", "message", {"id": number})
    harness.events.settle()
    assert [event.params["id"] for event in harness.events.events] == [0, 1, 2]


@pytest.mark.pull_server(server_version=5)
def test_what_pages_send_and_who_is_online_are_events_too(
    pull_page: Any, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    other = pull_user(2).open()
    pull_page.evaluate("() => { BX.PULL.sendMessage([2], 'im', 'typing', { chat: 1 }); }")
    assert pull_events.expect("im", "typing", params={"chat": 1}, page=other).type == "client"


def test_a_page_that_does_not_connect_says_why(
    pull_harness: PullHarness, context: BrowserContext, pull_faults: ThreadFaults
) -> None:
    with (
        pull_faults.refuse(403),
        pytest.raises(
            NotConnectedError, match=r"(?s)user 1: not connected after 1 s.*Connect: N.*SocketOpened"
        ),
    ):
        pull_harness.open(context.new_page(), timeout=1)


def test_a_page_whose_policy_forbids_to_connect_says_so(
    pull_harness: PullHarness, context: BrowserContext
) -> None:
    page = context.new_page()
    headers = {"Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'"}
    page.route("http://app.example/", lambda route: route.fulfill(headers=headers, body="<!doctype html>"))
    with pytest.raises(NotConnectedError, match=r"Content-Security-Policy has no connect-src for http://127"):
        pull_harness.open(page, url="http://app.example/", timeout=0.5)


def test_empty_frames_do_not_connect(pull_user: Callable[[int], PullUser], pull_server: PushServer) -> None:
    html = "<!doctype html><iframe></iframe><iframe srcdoc='<p>text'></iframe>"
    pull_server.add_page("/frames.html", "text/html", html)
    pull_user(4).open("/frames.html")
    pull_user(4).open("/frames.html")
    assert sum(isinstance(entry, SocketOpened) for entry in pull_server.requests) == 2


def test_a_page_without_a_client_says_so(
    pull_harness: PullHarness, pull_server: PushServer, context: BrowserContext
) -> None:
    pull_server.add_page("/bare.html", "text/html", "<!doctype html>")
    problem = r"the page has no BX\.PULL: its client was not loaded within 0\.2 s"
    with pytest.raises(NotConnectedError, match=problem):
        pull_harness.open(context.new_page(), url="/bare.html", inject=False, timeout=0.2)


def test_a_block_of_faults_loses_nothing(
    pull_page: Any,  # noqa: ARG001
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
    pull_faults: ThreadFaults,
) -> None:
    with pull_faults.duplicate(), pull_faults.malformed():
        for number in range(5):
            pull_user(1).send("im", "message", {"id": number})
        pull_events.settle()
    pull_faults.drop()
    pull_user(1).send("im", "message", {"id": 5})
    pull_events.expect("im", params={"id": 5})
    assert [event.params["id"] for event in pull_events.events] == [0, 1, 2, 3, 4, 5]
    with pull_faults.refuse(503):
        pull_faults.drop()
        pull_user(1).send("im", "message", {"id": 6})
        pull_faults.evict_history()
    pull_events.expect_gap()


@pytest.mark.only_browser("chromium")
def test_unreachable_pages_are_named(pull_harness: PullHarness, context: BrowserContext) -> None:
    with pytest.raises(ValueError, match="the page given was not opened by this harness; known pages: none"):
        pull_harness.events.expect("im", page=context.new_page())
    with pytest.raises(ExpectationError, match="there is no page: open one first"):
        pull_harness.events.expect("im", timeout=0)


@pytest.mark.only_browser("chromium")
def test_where_no_page_could_tell_nothing_is_confirmed(
    pull_harness: PullHarness, pull_user: Callable[[int], PullUser]
) -> None:
    with pytest.raises(ExpectationError, match="there is no page to tell: open one first"):
        pull_harness.events.expect_none("im")
    page = pull_user(1).open()
    pull_user(2).open()
    page.close()
    pull_user(1).send("im", "message")
    with pytest.raises(ExpectationError, match=r"there is no page to tell: user 1 \(closed\)"):
        pull_harness.events.expect_none("im", user=1)
    pull_harness.events.expect_none("crm")


@pytest.mark.only_browser("chromium")
@pytest.mark.parametrize("count", [0, -1])
def test_a_count_of_none_is_refused(
    count: int,
    pull_page: Any,  # noqa: ARG001
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
) -> None:
    pull_user(1).send("im", "message")
    pull_events.settle()
    with pytest.raises(ValueError, match="count: must be 1 or more"):
        pull_events.expect("im", count=count)
    with pytest.raises(ValueError, match="count: must be 1 or more"):
        pull_events.expect_call("onPullEvent-im", count=count)
