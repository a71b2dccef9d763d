"""bxpull_server.harness: pages are opened as their addresses say, and whatever they do meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.harness import NotConnectedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from bxpull_server import PushServer
    from bxpull_server.harness import Bundle, PullEvents, PullHarness, PullUser

pytestmark = pytest.mark.only_browser("chromium")


@pytest.fixture
def page_with_client(pull_server: PushServer, pull_bundle: Bundle) -> str:
    """The path of a page that loads the client by itself."""
    pull_server.add_page("/client.js", "text/javascript", pull_bundle.scripts["bxpull.js"])
    pull_server.add_page("/own.html", "text/html", "<!doctype html><script src=client.js></script>")
    return "/own.html"


@pytest.mark.parametrize("query", ["", "?", "?tab=1"])
def test_what_is_behind_the_hash_stays_there(
    query: str, page_with_client: str, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    page = pull_user(2).open(f"{page_with_client}{query}#/chat/5", inject=False)
    assert page.evaluate("location.hash") == "#/chat/5"
    pull_user(2).send("im", "message")
    pull_events.expect("im", "message")


def test_a_page_goes_on_to_another_one(
    pull_server: PushServer, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    html = """<!doctype html><script>
      addEventListener("load", () => setTimeout(() => { location.href = "/app.html"; }, 100));
    </script>"""
    pull_server.add_page("/login.html", "text/html", html)
    pull_server.add_page("/app.html", "text/html", "<!doctype html>")
    with pull_server.faults.slow_accept(300):
        page = pull_user(1).open("/login.html")
    assert page.url.endswith("/app.html")
    pull_user(1).send("im", "message")
    pull_events.expect("im", "message")


def test_a_client_may_be_loaded_late(
    page_with_client: str,  # noqa: ARG001
    pull_server: PushServer,
    pull_user: Callable[[int], PullUser],
    pull_events: PullEvents,
) -> None:
    html = """<!doctype html><script>
      function loaded() { BX.addCustomEvent("onPullEvent-im", () => {}); }
      addEventListener("load", () => setTimeout(() => {
        const script = document.createElement("script");
        document.body.append(Object.assign(script, { src: "client.js", onload: loaded }));
      }, 200));
    </script><body>"""
    pull_server.add_page("/late.html", "text/html", html)
    pull_user(1).open("/late.html", inject=False)
    pull_user(1).send("im", "message")
    pull_events.expect_call("onPullEvent-im")


@pytest.mark.parametrize("code", ["", "BX.PULL.getDebugInfo = () => { throw new Error('other'); }"])
def test_a_page_that_came_over_https_says_why_it_does_not_connect(
    code: str, pull_harness: PullHarness, context: BrowserContext
) -> None:
    page = context.new_page()
    html = f"<!doctype html><script>{code}</script>"
    page.route("https://app.example/", lambda route: route.fulfill(content_type="text/html", body=html))
    with pytest.raises(NotConnectedError, match=r"not connected after 0.5 s; it came over HTTPS.* over HTTP"):
        pull_harness.open(page, url="https://app.example/", timeout=0.5)


def test_a_page_is_opened_for_one_user_after_another(
    page: Page, pull_server: PushServer, pull_user: Callable[[int], PullUser], pull_events: PullEvents
) -> None:
    html = "<!doctype html><script>BX.addCustomEvent('onPullEvent-im', () => {});</script>"
    pull_server.add_page("/app.html", "text/html", html)
    for user in (1, 2, 1, -3):
        pull_user(user).open("/app.html", page=page)
        pull_user(user).send("im", "message", {"id": user})
        pull_events.expect_call("onPullEvent-im", params={"id": user})
        assert page.evaluate("Number(BX.message('USER_ID') || BX.message('pull_guest_user_id'))") == user
    pull_events.settle(user=-3)
    assert [event.params["id"] for event in pull_events.events] == [1, 2, 1, -3]


@pytest.mark.parametrize("url", [None, "/own.html"])
def test_a_page_without_scripts_says_so(
    url: str | None,
    new_context: Callable[..., BrowserContext],
    page_with_client: str,  # noqa: ARG001
    pull_user: Callable[[int], PullUser],
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    with pytest.raises(NotConnectedError, match=r"browser context (may have|has) JavaScript switched off"):
        pull_user(1).open(url, page=page)
