"""Every kind of bundle, by both engines, receives an event in a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

import bxpull
from bxpull_server.journal import RestRequest
from tests.e2e.support import JAVASCRIPT, inline, names

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.support import NewTab, Site, Tab

HEAR = """
for (const name of ["onPullEvent-test", "onPull-test"]) BX.addCustomEvent(name, hear(name));
hearDrain();
"""
BOTH = ["onPullEvent-test", "onPull-test"]
MODULE = {"type": "module"}


@pytest.fixture(params=["native", "embedded"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def receives(tab: Tab, site: Site) -> list[str]:
    """The names of the handlers that one event reaches."""
    site.server.wait_connected(tab.user)
    site.publish(tab.user, id=1)
    return names(tab.drain())


def config_of(site: Site, user: int = 1) -> dict[str, Any]:
    """What ``pull.config.get`` answers."""
    url = f"{site.server.url}/rest/pull.config.get.json?bxpull_user={user}"
    with urlopen(Request(url, data=b"CACHE=N")) as answer:
        result: dict[str, Any] = json.load(answer)["result"]
    return result


# Attributes of the script element, options of the bundle. Both engines give the same bytes, as a test of the
# generator shows, so that one of each format does for the embedded one.
SHAPES = [
    pytest.param({}, {}, id="classic"),
    pytest.param({"defer": ""}, {}, id="deferred"),
    pytest.param({"async": ""}, {}, id="async"),
    pytest.param(MODULE, {"format": "esm"}, id="module"),
    pytest.param({}, {"target": "es2015"}, id="es2015"),
    pytest.param(MODULE, {"format": "esm", "target": "es2015"}, id="es2015 module"),
    pytest.param({}, {"target": "esnext"}, id="esnext"),
    pytest.param({}, {"minify": True}, id="minified"),
    pytest.param({}, {"minify": True, "target": "es2015"}, id="minified es2015"),
    pytest.param(MODULE, {"minify": True, "format": "esm", "target": "esnext"}, id="minified esnext module"),
    pytest.param({}, {"sourcemap": "inline"}, id="with a source map"),
    pytest.param({}, {"engine": "embedded"}, id="embedded classic"),
    pytest.param(MODULE, {"engine": "embedded", "format": "esm"}, id="embedded module"),
    pytest.param(
        {}, {"engine": "embedded", "minify": True, "target": "es2015"}, id="embedded minified es2015"
    ),
]


@pytest.mark.parametrize(("attributes", "options"), SHAPES)
def test_a_bundle_of_any_shape_receives_events(
    new_tab: NewTab, site: Site, attributes: dict[str, str], options: dict[str, Any]
) -> None:
    script = site.bundle(attributes, **options)
    # A script of its own when the bundle is there: it may be deferred, or come at any time.
    run = f"{HEAR} BX.PULL.start();"
    page = site.page(script, inline(f"addEventListener('load', () => {{ {run} }});"))
    assert receives(new_tab().open(page), site) == BOTH


def test_tabs_share_a_connection_with_a_bundle_made_without_node(new_tab: NewTab, site: Site) -> None:
    bundle = site.bundle(engine="embedded", shared_worker=True, minify=False)
    page = site.page(bundle, inline(f"{HEAR} BX.PULL.start();"))
    tabs = [new_tab().open(page).connected() for _ in range(2)]
    site.publish(id=1)
    assert [names(tab.drain()) for tab in tabs] == [BOTH, BOTH]
    assert [tab.run("BX.PULL.getDebugInfo()['Shared worker']") for tab in tabs] == ["Y", "Y"]
    assert len(site.server.connections()) == 1


def test_a_module_hands_out_what_it_installs(new_tab: NewTab, site: Site, engine: str) -> None:
    site.server.add_page("/bxpull.js", JAVASCRIPT, site.bundles.get(engine=engine, format="esm"))
    code = """
      import { BX, PULL, PullClient } from "./bxpull.js";
      window.same = BX === window.BX && PULL === BX.PULL && PullClient === BX.PullClient;
    """
    tab = new_tab().open(site.page(inline(f"{code} {HEAR} PULL.start();", **MODULE)))
    assert receives(tab, site) == BOTH
    assert tab.run("same") is True


def test_autostart_connects_a_page_that_starts_nothing(new_tab: NewTab, site: Site, engine: str) -> None:
    page = site.page(site.bundle(engine=engine, autostart=True), inline(HEAR))
    assert receives(new_tab().open(page), site) == BOTH


def test_an_embedded_config_needs_no_rest(new_tab: NewTab, site: Site, engine: str) -> None:
    config = config_of(site, user=3)
    site.server.clear_requests()
    page = site.page(site.bundle(engine=engine, config=config, autostart=True), inline(HEAR))
    assert receives(new_tab(user=3).open(page), site) == BOTH
    assert not [entry for entry in site.server.requests if isinstance(entry, RestRequest)]


def test_a_config_url_is_asked_in_place_of_rest(new_tab: NewTab, site: Site, engine: str) -> None:
    url = f"{site.server.url}/rest/pull.config.get.json?from=config_url&bxpull_user=3"
    page = site.page(site.bundle(engine=engine, config_url=url, autostart=True), inline(HEAR))
    assert receives(new_tab(user=3).open(page), site) == BOTH
    [query] = [entry.query for entry in site.server.requests if isinstance(entry, RestRequest)]
    assert query.startswith("from=config_url&bxpull_user=3&logTag=")


def test_a_rest_url_may_carry_a_query(new_tab: NewTab, site: Site, engine: str) -> None:
    bundle = site.bundle(engine=engine, rest_url="/rest/?bxpull_user=3", autostart=True)
    assert receives(new_tab(user=3).open(site.page(bundle, inline(HEAR))), site) == BOTH


def test_a_guest_id_makes_the_page_a_guest_s(new_tab: NewTab, site: Site, engine: str) -> None:
    page = site.page(site.bundle(engine=engine, guest_id=-1, autostart=True), inline(HEAR))
    tab = new_tab(user=-1).open(page)
    assert receives(tab, site) == BOTH
    assert tab.run("BX.PULL.getDebugInfo()['Guest userId']") == -1


def test_user_and_site_id_name_what_is_kept(new_tab: NewTab, site: Site, engine: str) -> None:
    bundle = site.bundle(engine=engine, user_id=1, site_id="s7", autostart=True)
    tab = new_tab().open(site.page(bundle, inline(HEAR)))
    assert receives(tab, site) == BOTH
    assert tab.run("Object.keys(localStorage)") == ["bx-pull-1-s7-bx-pull-config"]


@pytest.mark.parametrize(("events", "expected"), [("desktop", BOTH[:1]), ("mobile", BOTH[1:])])
def test_one_family_of_events_is_called_when_asked_for(
    new_tab: NewTab, site: Site, engine: str, events: str, expected: list[str]
) -> None:
    page = site.page(site.bundle(engine=engine, events=events, autostart=True), inline(HEAR))
    assert receives(new_tab().open(page), site) == expected


def test_an_own_script_runs_with_the_client(new_tab: NewTab, site: Site, engine: str, tmp_path: Path) -> None:
    script = tmp_path / "own.js"
    script.write_text(f"{HEAR} BX.PULL.start();", "utf-8")
    page = site.page(site.bundle(engine=engine, scripts=[str(script)]))
    assert receives(new_tab().open(page), site) == BOTH


def test_a_setting_cannot_break_out_of_its_script(new_tab: NewTab, site: Site, engine: str) -> None:
    url = "/rest/?bxpull_user=1&x=</script><script>uncaught.push(1)</script><!--"
    code = site.bundles.get(engine=engine, rest_url=url, autostart=True)
    tab = new_tab().open(site.page(inline(code), inline(HEAR)))
    assert receives(tab, site) == BOTH
    assert tab.run("window.uncaught") == []


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_the_printed_snippet_loads_the_bundle_with_its_integrity(
    new_tab: NewTab, site: Site, engine: str, format_: str, tmp_path: Path
) -> None:
    result = bxpull.build(out=tmp_path, engine=engine, format=format_, autostart=True, demo=False)
    site.server.add_page("/bxpull.js", JAVASCRIPT, result.bundle.path.read_text("utf-8"))
    snippet = result.file("snippet").path.read_text("utf-8")
    assert receives(new_tab().open(site.page(snippet, inline(HEAR, **MODULE))), site) == BOTH


def test_the_generated_demo_page_shows_an_event(new_tab: NewTab, site: Site, tmp_path: Path) -> None:
    kinds = {".html": "text/html; charset=utf-8", ".js": JAVASCRIPT, ".css": "text/css; charset=utf-8"}
    for file in bxpull.build(out=tmp_path).files:
        if file.path.suffix in kinds:
            site.server.add_page(f"/{file.path.name}", kinds[file.path.suffix], file.path.read_text("utf-8"))
    tab = new_tab().open("/demo.html")
    tab.expect("404")  # the browser asks for an icon
    site.server.wait_connected(1)
    site.publish(hello="demo page")
    params = tab.page.get_by_text("demo page").first
    params.wait_for()
    site.server.add_by_user(1, module_id="acme.shopmodule", command="order_status_changed")
    tab.page.get_by_text("order_status_changed").first.wait_for()
    tab.page.set_viewport_size({"width": 700, "height": 600})
    box = params.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 700, "params are to be in sight without scrolling sideways"
