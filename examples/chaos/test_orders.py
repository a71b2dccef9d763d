"""What a page shows after its connection went through the worst: each order once, and in order.

Messages are doubled and cut off, lines end, the server restarts, and once it has forgotten what was missed.
"""

import json
from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent}


@pytest.fixture
def pull_page_url():
    return "/index.html"


@pytest.fixture
def orders(pull_page):
    """The titles that the page shows."""
    return pull_page.locator("#orders li")


@pytest.fixture
def add_orders(pull_server, pull_user):
    """Adds orders to the shop, and tells user 1."""
    known = []

    def add(*titles):
        for title in titles:
            order = {"id": len(known) + 1, "title": title}
            known.append(order)
            pull_server.add_page("/orders.json", "application/json", json.dumps(known))
            pull_user(1).send("sale", "orderAdd", order)

    return add


def test_every_order_is_shown_once(orders, add_orders, pull_events, pull_faults):
    with pull_faults.duplicate(), pull_faults.malformed():
        add_orders("chairs", "tables")
        pull_faults.drop()
        add_orders("lamps")
        pull_events.settle()
    pull_faults.truncate()
    add_orders("shelves")
    pull_faults.restart()
    add_orders("beds")
    pull_events.settle()
    assert orders.all_inner_texts() == ["chairs", "tables", "lamps", "shelves", "beds"]
    assert len(pull_events.calls) == 5


def test_what_the_server_has_forgotten_is_loaded_again(orders, add_orders, pull_events, pull_faults):
    add_orders("chairs")
    pull_events.expect("sale", "orderAdd")
    with pull_faults.refuse(503):
        pull_faults.drop()
        add_orders("tables", "lamps")
        pull_faults.evict_history()
    pull_events.expect_gap()
    add_orders("shelves")
    pull_events.expect("sale", params={"title": "shelves"})
    assert orders.all_inner_texts() == ["chairs", "tables", "lamps", "shelves"]
