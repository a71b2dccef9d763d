"""Who gets what: several pages of one user, several users, guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.support import START, inline, portal_page
from tests.e2e.wire import WIRES

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext
    from pytest_playwright.pytest_playwright import CreateContextCallback

    from tests.e2e.support import NewTab, OpenTab, Site, Tab

pytestmark = pytest.mark.every_wire

HEAR = "BX.addCustomEvent('onPullEvent-test', (command, params) => hear('test')(params.of));"


def publish_to_each(site: Site, *users: int) -> None:
    for user in users:
        site.publish(user, of=user)


def heard(*tabs: Tab) -> list[list[int]]:
    """Whose events each tab heard."""
    return [[of for _, of in tab.drain()] for tab in tabs]


def test_two_pages_of_one_user_hear_every_event_once(open_tab: OpenTab, site: Site) -> None:
    tabs = [open_tab(HEAR), open_tab(HEAR)]
    site.server.wait_connected(1, tabs=2)
    publish_to_each(site, 1, 1)
    assert heard(*tabs) == [[1, 1], [1, 1]]


@pytest.mark.every_wire(always=WIRES)
def test_two_users_named_by_their_pages_hear_only_their_own(
    site: Site, new_tab: NewTab, context: BrowserContext
) -> None:
    tabs = []
    for user in (1, 2):
        page = site.page(portal_page(USER_ID=user), site.bundle(), inline(HEAR), START)
        tabs.append(new_tab(user, context).open(page, f"?bxpull_user={user}").connected())
    publish_to_each(site, 1, 2)
    assert heard(*tabs) == [[1], [2]]


def test_two_users_in_one_browser_whose_pages_do_not_name_them_hear_only_their_own(
    open_tab: OpenTab, site: Site
) -> None:
    tabs = [open_tab(HEAR), open_tab(HEAR, user=2)]
    publish_to_each(site, 1, 2)
    assert heard(*tabs) == [[1], [2]]


def test_two_users_signed_in_by_cookie_hear_only_their_own(
    open_tab: OpenTab, site: Site, new_context: CreateContextCallback
) -> None:
    tabs = []
    for user in (3, 4):
        context = new_context()
        context.add_cookies([{"name": "bxpull_user", "value": str(user), "url": site.server.url}])
        tab = open_tab(HEAR, context=context)
        tab.user = user
        tabs.append(tab)
    publish_to_each(site, 1, 3, 4)
    assert heard(*tabs) == [[3], [4]]


def test_an_event_for_everybody_reaches_users_and_guests(
    site: Site, new_tab: NewTab, open_tab: OpenTab
) -> None:
    guest = new_tab(user=-1).open(site.simple_page(HEAR, guest_id=-1)).connected()
    tabs = [open_tab(HEAR), guest]
    site.server.add_shared(module_id="test", command="check", params={"of": 0})
    publish_to_each(site, 1, -1)
    assert heard(*tabs) == [[0, 1], [0, -1]]


@pytest.mark.parametrize("same_browser", [True, False])
def test_two_guests_hear_only_their_own(
    site: Site, new_tab: NewTab, new_context: CreateContextCallback, *, same_browser: bool
) -> None:
    tabs = []
    for guest in (-1, -2):
        context = None if same_browser else new_context()
        tabs.append(new_tab(guest, context).open(site.simple_page(HEAR, guest_id=guest)).connected())
    publish_to_each(site, -1, -2)
    assert heard(*tabs) == [[-1], [-2]]


def test_a_watcher_hears_what_is_sent_to_its_tag(open_tab: OpenTab, site: Site) -> None:
    tab = open_tab(HEAR)
    site.server.watch_add(1, "FORUM_5")
    for tag in ("FORUM_5", "FORUM_6"):
        site.server.add_to_stack(tag, module_id="test", command="check", params={"of": tag})
    assert tab.drain() == [["test", "FORUM_5"]]
