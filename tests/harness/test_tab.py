"""bxpull_server.harness.tab: what its pages hand over, more than once and in any order."""

from __future__ import annotations

import json
from itertools import permutations
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bxpull_server.harness.handover import Handover
from bxpull_server.harness.recording import HandlerError
from bxpull_server.harness.steps import run
from bxpull_server.harness.tab import Tab

if TYPE_CHECKING:
    from bxpull_server import PushServer
    from bxpull_server.harness.surface import Surface
    from bxpull_server.inbox import Inbox

ENTRIES = [{"kind": "pageerror", "message": str(number), "at": 0} for number in range(4)]
POSTS = {
    "error": (2, 3, False),
    "about to go": (0, 3, False),
    "told since": (0, 4, False),
    "last": (0, 4, True),
}
"""Which entries, from and to, and whether it is the last of the page."""
ORDERS = [order for length in range(1, len(POSTS) + 1) for order in permutations(POSTS, length)]
"""Each may be lost, and may come before what was posted earlier."""


class Page:
    """A page that answers with what it was told; the surface of a tab."""

    def is_closed(self) -> bool:
        return False

    def evaluate(self, function: str, argument: list[Any]) -> str:
        assert "take" in function
        known, number = argument
        start = number if known == "count" else 0
        page = {"page": "a", "before": "", "count": "count", "first": start, "entries": ENTRIES[start:]}
        return json.dumps({**page, "barrier": 0, "connected": True})


class Server:
    """Takes in what is posted."""

    url = "http://127.0.0.1"

    def add_inbox(self, inbox: Inbox) -> None:
        self.inbox = inbox

    def post(self, name: str) -> None:
        start, end, is_last = POSTS[name]
        body = {"tab": "user 1", "page": "a", "count": "count", "first": start, "isLast": is_last}
        self.inbox.put(json.dumps({**body, "entries": ENTRIES[start:end]}).encode())


@pytest.fixture
def opened() -> SimpleNamespace:
    """A tab, what takes in what its pages hand over, and the server to post to."""
    server = Server()
    handover = Handover(cast("PushServer", server))
    tab = Tab(cast("Surface", Page()), 1, "user 1", handover)
    return SimpleNamespace(server=server, handover=handover, tab=tab)


def told(tab: Tab) -> list[str]:
    return [entry.message for entry in tab.entries if isinstance(entry, HandlerError)]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_what_has_come_is_told_once(opened: SimpleNamespace, order: tuple[str, ...]) -> None:
    for name in order:
        opened.server.post(name)
    opened.handover.deliver()
    come = {number for name in order for number in range(*POSTS[name][:2])}
    assert sorted(told(opened.tab)) == sorted(map(str, come))


@pytest.mark.parametrize("name", POSTS)
@pytest.mark.parametrize("is_first", [True, False], ids=["handed over first", "asked first"])
def test_what_a_page_tells_when_it_is_asked_is_told_once(
    opened: SimpleNamespace, name: str, *, is_first: bool
) -> None:
    if is_first:
        opened.server.post(name)
    run(opened.tab.fetch())
    opened.server.post(name)
    run(opened.tab.fetch())
    assert sorted(told(opened.tab)) == ["0", "1", "2", "3"]


def test_the_order_is_that_of_the_page(opened: SimpleNamespace) -> None:
    for name in ("about to go", "told since", "last"):
        opened.server.post(name)
    opened.handover.deliver()
    assert told(opened.tab) == ["0", "1", "2", "3"]
