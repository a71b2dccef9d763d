"""bxpull_server.harness: page code of odd kinds is seen as it is, and works as without the harness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from bxpull_server.harness import PullEvents, PullUser

pytestmark = pytest.mark.only_browser("chromium")


@pytest.mark.parametrize(
    "code",
    [
        "throw 'text'",
        "throw NaN",
        "throw new Error('text')",
        "throw Object.create(null)",
        "throw Object.defineProperty(new Error('text'), 'stack', { get() { throw new Error('other'); } })",
        "throw new Proxy(new Error('text'), { get() { throw new Error('other'); } })",
        "return (async () => { throw new Error('text'); })()",
        "return Promise.reject('text')",
        "return Promise.reject()",
        "return Promise.reject(Object.create(null))",
    ],
)
def test_whatever_is_thrown_is_one_error_of_its_handler(
    code: str, pull_page: Page, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate(f"""() => {{
        BX.addCustomEvent("onPullEvent-im", function show() {{ {code}; }});
        // The client reports it in a task of its own.
        addEventListener("error", () => {{ document.title = "reported"; }});
    }}""")
    pull_user(1).send("im", "message")
    pull_events.expect_error("handler show")
    pull_page.wait_for_function("document.title === 'reported'")
    assert len(pull_events.errors) == 1


@pytest.mark.parametrize("result", ["{ then: 5 }", "{ then(fulfil) { fulfil(1); } }"])
def test_what_has_a_then_is_no_error(
    result: str, pull_page: Page, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate(f"() => {{ BX.addCustomEvent('onPullEvent-im', () => ({result})); }}")
    pull_user(1).send("im", "message")
    pull_events.expect_call("onPullEvent-im")
    pull_events.settle()
    assert pull_events.errors == []


@pytest.mark.parametrize(
    "target",
    [
        "Object.freeze({ getModuleId: () => 'im', handleMessage: show })",
        """new class {
            #title = "shown";
            getModuleId() { return "im"; }
            getMap() { return { message: this.show }; }
            show() { document.title = this.#title; }
        }""",
        """new class {
            get moduleId() { return "im"; }
            get command() { return "message"; }
            get callback() { return show; }
        }""",
    ],
    ids=["frozen", "private", "class"],
)
def test_whatever_can_be_subscribed_is_called(
    target: str, pull_page: Page, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate(f"""() => {{
        function show() {{ document.title = "shown"; }}
        BX.PULL.subscribe({target});
    }}""")
    pull_user(1).send("im", "message")
    pull_events.expect_call(module="im", command="message")
    assert pull_page.title() == "shown"


def test_what_is_subscribed_at_another_client_of_the_page_is_seen(
    pull_page: Page, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    pull_page.evaluate("""async () => {
        BX.PULL.destroy();
        BX.PULL = new BX.PullClient();
        await BX.PULL.start();
        BX.PULL.subscribe({ moduleId: "im", command: "message", callback() {} });
    }""")
    pull_user(1).wait_connected()
    pull_user(1).send("im", "message")
    pull_events.expect_call("subscribe server im/message")


def test_observers_of_sizes_that_go_on_in_the_next_frame_are_no_error(
    pull_page: Page, pull_events: PullEvents
) -> None:
    pull_page.evaluate("""() => {
        addEventListener("error", ({ message }) => { document.title = message; });
        new ResizeObserver(() => { document.body.style.width = "100px"; }).observe(document.body);
    }""")
    pull_page.wait_for_function("document.title.startsWith('ResizeObserver loop')")
    assert pull_events.errors == []


def test_errors_are_seen_in_a_page_whose_content_was_set(pull_page: Page, pull_events: PullEvents) -> None:
    pull_page.set_content("<!doctype html><script>setTimeout(() => { throw new Error('bad'); })</script>")
    pull_events.expect_error("bad")
    pull_page.evaluate("() => { Promise.reject(new Error('worse')); }")
    pull_events.expect_error("worse")
    pull_page.set_content("<!doctype html>")
    pull_page.evaluate("() => { setTimeout(() => { throw new Error('third'); }); }")
    pull_events.expect_error("third")


def test_events_that_are_called_error_are_none(pull_page: Page, pull_events: PullEvents) -> None:
    pull_page.evaluate("""() => {
        dispatchEvent(new Event("error"));
        dispatchEvent(new CustomEvent("error", { detail: 1 }));
    }""")
    assert pull_events.errors == []
