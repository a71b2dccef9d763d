"""Pages that are not empty: their own BX, their own client, our script twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.journal import SocketOpened
from tests.e2e.support import HTML, START, inline, names, portal_page, without_extra

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.support import NewTab, Site, Tab

OWN_CORE = """
window.BX = (function () {
  const handlers = {};
  return {
    raised: [],
    addCustomEvent(target, name, handler) {
      if (typeof target === "string") [name, handler] = [target, name];
      (handlers[name.toLowerCase()] ||= []).push(handler);
    },
    onCustomEvent(target, name, args) {
      if (typeof target === "string") [target, name, args] = [window, target, name];
      this.raised.push(name);
      for (const handler of handlers[name.toLowerCase()] || []) handler.apply(target, args);
    },
    removeCustomEvent() {},
    message() {},
    bitrix_sessid: () => "",
    ready(handler) { handler(); },
    delegate: (handler, target) => handler.bind(target),
    type: {mine: true},
  };
})();
window.before = {...BX};
"""
_CONNECT = """
  const { PULL } = window.BX;
  const push = "portal.example/subws/";
  const server = {version: 4, websocket: `ws://${push}`, websocket_secure: `wss://${push}`};
  await PULL.start({server, channels: {private: {id: "a".repeat(32), type: "private"}}});
  PULL.destroy();
"""
_FRAME = """
async ([address, bundle]) => {
  const frame = document.createElement("iframe");
  if (address === "srcdoc") frame.srcdoc = "<p>";
  if (address === "blob:") frame.src = URL.createObjectURL(new Blob(["<p>"], {type: "text/html"}));
  const loaded = new Promise((resolve) => { frame.onload = resolve; });
  document.body.append(frame);
  await loaded;
  const { window } = frame.contentWindow;
  window.eval(bundle);
  CONNECT
  frame.remove();
}
""".replace("CONNECT", _CONNECT)
HEAR = "BX.addCustomEvent('onPullEvent-test', hear('test')); BX.addCustomEvent('onPull', hear('all'));"


def test_a_page_with_its_own_bx_keeps_every_function_of_it(new_tab: NewTab, site: Site) -> None:
    tab = new_tab().open(site.page(inline(OWN_CORE), site.bundle(), inline(HEAR), START)).connected()
    assert tab.run("Object.keys(before).filter((name) => BX[name] !== before[name])") == []
    assert tab.run("Object.keys(BX.type)") == ["mine"]


def test_events_are_raised_through_the_page_s_own_bx(new_tab: NewTab, site: Site) -> None:
    tab = new_tab().open(site.page(inline(OWN_CORE), site.bundle(), inline(HEAR), START)).connected()
    site.publish(id=1)
    heard = [entry for entry in tab.drain() if "drain" not in str(entry)]
    assert names(heard) == ["test", "all"]
    assert heard[0][1:3] == ["check", {"id": 1}]
    raised = tab.run("BX.raised.filter((name) => !name.startsWith('onPullStatus'))")
    assert raised[:4] == ["onPullEvent-test", "onPullEvent", "onPull-test", "onPull"]


def test_a_bundle_without_the_shim_adds_nothing_but_the_client_to_the_page_s_own_bx(
    new_tab: NewTab, site: Site
) -> None:
    page = site.page(inline(OWN_CORE), site.bundle(shim=False), inline(HEAR), START)
    tab = new_tab().open(page).connected()
    site.publish(id=1)
    heard = [entry for entry in tab.drain() if "drain" not in str(entry)]
    assert (names(heard), heard[0][1:3]) == (["test", "all"], ["check", {"id": 1}])
    assert tab.run("Object.keys(BX).filter((name) => BX[name] !== before[name])") == ["PullClient", "PULL"]


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_a_bundle_without_the_shim_installs_nothing_where_there_is_no_bx_and_says_so_in_one_line(
    new_tab: NewTab, site: Site, format_: str
) -> None:
    module = {"type": "module"} if format_ == "esm" else {}
    bundle = site.bundle(module, format=format_, shim=False, autostart=True)
    tab = new_tab()
    tab.expect("build with the option shim")
    tab.open(site.page(bundle, inline("window.done = true", **module))).until("window.done")
    assert tab.run("'BX' in window") is False
    [line] = tab.lines()
    assert line == "[bxpull] no BX.onCustomEvent yet: load it first, or build with the option shim"


def test_phrases_printed_by_the_portal_name_user_and_site(new_tab: NewTab, site: Site) -> None:
    phrases = portal_page(USER_ID="5", SITE_ID="s1", bitrix_sessid="abc")
    page = site.page(phrases, site.bundle(), START)
    tab = new_tab(user=5).open(page, "?bxpull_user=5").connected()
    assert tab.run("BX.message.USER_ID") == "5"
    assert tab.run("BX.PULL.getDebugInfo().UserId") == "5"
    assert tab.run("Object.keys(localStorage)") == ["bx-pull-5-s1-bx-pull-config"]


def test_phrases_set_after_the_script_and_before_the_start_count(new_tab: NewTab, site: Site) -> None:
    page = site.page(site.bundle(), inline("BX.message({USER_ID: '5', SITE_ID: 's1'})"), START)
    tab = new_tab(user=5).open(page, "?bxpull_user=5").connected()
    assert tab.run("BX.PULL.getDebugInfo().UserId") == "5"


def test_a_page_with_its_own_pull_client_keeps_it_and_is_told_in_one_line(
    new_tab: NewTab, site: Site
) -> None:
    own = "window.BX = {PullClient: class Mine {}, PULL: {mine: true}}; window.before = {...BX};"
    tab = new_tab().open(site.page(inline(own), site.bundle()))
    assert tab.run("BX.PullClient === before.PullClient && BX.PULL === before.PULL")
    [line] = tab.lines()
    assert "BX.PullClient" in line


@pytest.mark.parametrize("formats", [("iife", "iife"), ("iife", "esm"), ("esm", "esm")])
def test_the_script_twice_is_one_client(new_tab: NewTab, site: Site, formats: tuple[str, str]) -> None:
    module = {"type": "module"}
    loads = [site.bundle(module if format_ == "esm" else {}, format=format_) for format_ in formats]
    start = inline(HEAR + "hearDrain(); BX.PULL.start(); BX.PULL.start();", **module)
    tab = new_tab().open(site.page(*loads, start)).connected()
    site.publish(id=1)
    heard = [entry for entry in tab.drain() if "drain" not in str(entry)]
    assert names(heard) == ["test", "all"]
    assert sum(isinstance(entry, SocketOpened) for entry in site.server.requests) == 1
    assert len(tab.lines()) == 1


def test_handlers_registered_between_two_loads_stay(new_tab: NewTab, site: Site) -> None:
    page = site.page(site.bundle(), inline(HEAR), site.bundle(), START)
    tab = new_tab().open(page).connected()
    site.publish(id=1)
    assert names(tab.drain())[:2] == ["test", "all"]


def test_a_page_that_froze_the_prototypes_hears_events(new_tab: NewTab, site: Site) -> None:
    freeze = inline(
        "for (const kind of [Object, Array, Function, Error, String, Number, Promise, Map, Set, RegExp])"
        " Object.freeze(kind.prototype);"
    )
    tab = new_tab().open(site.page(freeze, site.bundle(), inline(HEAR), START)).connected()
    site.publish(id=1)
    assert ["test", "check", {"id": 1}] in without_extra(tab.drain())


@pytest.fixture
def secure_page(new_tab: NewTab) -> Callable[..., tuple[Tab, list[str]]]:
    """Opens an empty page that came over HTTPS, with these headers; it, and where it asks for sockets."""

    def open_(**headers: str) -> tuple[Tab, list[str]]:
        tab = new_tab()
        asked: list[str] = []
        tab.page.route_web_socket("**", lambda socket: asked.append(socket.url))
        answer = {"body": "<!doctype html>", "content_type": HTML, "headers": headers}
        tab.page.route("https://portal.example/**", lambda route: route.fulfill(**answer))
        tab.page.goto("https://portal.example/")
        return tab, asked

    return open_


def test_frames_of_a_secure_page_without_an_address_of_their_own_take_the_secure_one(
    secure_page: Callable[..., tuple[Tab, list[str]]], site: Site
) -> None:
    tab, asked = secure_page()
    for address in ("srcdoc", "about:blank", "blob:"):
        tab.run(_FRAME, [address, site.bundles.get()])
        assert asked.pop().startswith("wss://portal.example/")


def test_a_secure_page_without_an_origin_takes_the_secure_address(
    secure_page: Callable[..., tuple[Tab, list[str]]], site: Site
) -> None:
    tab, asked = secure_page(**{"Content-Security-Policy": "sandbox allow-scripts"})
    tab.run(site.bundles.get())
    tab.run(f"async () => {{ {_CONNECT} }}")
    assert [tab.run("origin"), asked.pop()[:21]] == ["null", "wss://portal.example/"]
