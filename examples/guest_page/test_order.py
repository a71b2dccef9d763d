"""Visitors who are not signed in: each has a negative id, and is sent events of their own.

A shop's page shows a guest how the order is doing.
"""

from pathlib import Path

import pytest


@pytest.fixture
def pull_server_options():
    return {"static": Path(__file__).parent, "user": 0}  # nobody is signed in


def test_a_guest_sees_the_order_move(pull_guest, pull_events):
    page = pull_guest().open("/order.html")
    for status in ("paid", "shipped"):
        pull_guest().send("sale", "orderStatus", {"status": status})
        pull_events.expect("sale", "orderStatus", params={"status": status})
        assert page.inner_text("#status") == status


def test_guests_do_not_see_each_other_s_orders(pull_guest, pull_events):
    mine, other = pull_guest(-1).open("/order.html"), pull_guest(-2).open("/order.html")
    pull_guest(-1).send("sale", "orderStatus", {"status": "shipped"})
    pull_events.expect("sale", "orderStatus", page=mine)
    pull_events.expect_none("sale", page=other)
    assert (mine.inner_text("#status"), other.inner_text("#status")) == ("shipped", "accepted")
