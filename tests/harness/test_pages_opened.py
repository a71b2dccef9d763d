"""bxpull_server.harness: pages are opened as their addresses say, and whatever they do meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server import PushServer
    from bxpull_server.harness import Bundle, PullEvents, PullUser

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
