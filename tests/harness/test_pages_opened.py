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
