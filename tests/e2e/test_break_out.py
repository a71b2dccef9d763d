"""Whatever is filled in as a setting, a browser's parser finds no more code or elements than without it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

import bxpull
from bxpull_server.journal import RestRequest
from tests.e2e.support import HTML, JAVASCRIPT, inline
from tests.e2e.test_builds import config_of, receives

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.support import NewTab, Site

pytestmark = pytest.mark.left_to_chromium

# Each says so if it gets out of its place, wherever that is.
BREAKS = [
    "</script><script>broken.push('script')</script>",
    "</ScRiPt\n><img src=x onerror=broken.push('image')>",
    "<!--<script>",
    "--><script>broken.push('comment')</script>",
    "]]><svg onload=broken.push('svg')>",
    "';broken.push('quotes');'",
    '";broken.push("quotes");"',
    "${broken.push('template')}`;broken.push('template');`",
    "\\';broken.push('backslash');//",
    '\\";broken.push("backslash");//',
    "\u2028broken.push('line')//\u2029broken.push('paragraph')//\nbroken.push('end')//\r",
    "*/broken.push('script comment');/*",
    "' autofocus onfocus='broken.push(1)' x='",
    '" autofocus onfocus="broken.push(1)" x="',
    "&quot; onload=&quot;broken.push(1)&#x22;",
    "javascript:broken.push('address')",
    "{{ broken.push('braces') }}{% raise %}",
    "\x00\x1b\ufeff\U0001f600",
]
# HTML takes a slash between attributes, too.
IN_URL = "".join(
    text.replace(" ", "/")
    for text in BREAKS
    if text.isascii() and text.isprintable() and not set(text) & {*"\\#"}
)
# A slash ends a file's name.
NAMES = [
    "'\"--><img src=x onerror=broken.push('name')>]]>.js",
    "\" autofocus onfocus=\"broken.push('attribute')\u2028';broken.push(`${1}`);&quot;.js",
]
_KINDS = {".html": HTML, ".css": "text/css; charset=utf-8"}
WATCH = "window.broken = [];"
COUNT = "[...document.querySelectorAll('*')].map((element) => element.localName).sort().join(' ')"
HEAR = "BX.addCustomEvent('onPullEvent-test', hear('onPullEvent-test')); hearDrain(); BX.PULL.start();"


def hostile_options(config: dict[str, Any]) -> dict[str, Any]:
    config["server"]["notes"] = {**{text: text for text in BREAKS}, "__proto__": {"polluted": BREAKS}}
    return {"config": config, "banner": "\n".join(text for text in BREAKS if not set(text) & set("\0\r\x1b"))}


@pytest.mark.parametrize(
    ("engine", "format_", "kind"),
    [("native", "iife", {}), ("native", "esm", {"type": "module"}), ("embedded", "iife", {})],
)
def test_no_setting_gets_out_of_a_bundle_that_stands_in_the_page(
    new_tab: NewTab, site: Site, engine: str, format_: str, kind: dict[str, str]
) -> None:
    config = config_of(site)
    pages = []
    for options in ({}, hostile_options(config)):
        code = site.bundles.get(engine=engine, format=format_, **options)
        pages.append(site.page(inline(WATCH), inline(code, **kind), inline(HEAR, **kind)))
    plain, hostile = new_tab().open(pages[0]), new_tab().open(pages[1])
    # They are of one user: the server alone cannot tell which of them is connected.
    assert receives(hostile.connected(), site) == ["onPullEvent-test"]
    assert hostile.run("window.broken") == []
    assert hostile.run(COUNT) == plain.run(COUNT)
    # Nor is anything of it lost, or given to all objects.
    kept = hostile.run("JSON.stringify(BX.PULL.getConfig().server.notes)")
    assert json.loads(kept) == config["server"]["notes"]
    assert hostile.run("'polluted' in {}") is False


def test_no_address_gets_out_of_its_script(new_tab: NewTab, site: Site) -> None:
    address = f"/rest/?note={IN_URL}"
    code = site.bundles.get(rest_url=address, shared_worker=True, worker_url=f"/{IN_URL}")
    tab = new_tab().open(site.page(inline(WATCH), inline(code), inline(HEAR)))
    tab.expect("404", "shared worker")
    assert receives(tab, site) == ["onPullEvent-test"]
    assert tab.run("window.broken") == []
    [query] = [entry.query for entry in site.server.requests if isinstance(entry, RestRequest)]
    assert unquote(query).startswith(f"note={IN_URL}")


@pytest.mark.parametrize("format_", ["iife", "esm"])
@pytest.mark.parametrize("name", NAMES)
def test_no_file_name_gets_out_of_the_snippet_or_the_demo_page(
    new_tab: NewTab, site: Site, tmp_path: Path, format_: str, name: str
) -> None:
    result = bxpull.build(out=tmp_path / name, format=format_, autostart=True)
    for file in result.files:
        kind = _KINDS.get(file.path.suffix, JAVASCRIPT)
        site.server.add_page(f"/{file.path.name}", kind, file.path.read_text("utf-8"))
    watch = inline(WATCH)
    snippet = new_tab().open(site.page(watch, result.file("snippet").path.read_text("utf-8")))
    snippet.connected()
    assert snippet.run("window.broken") == []
    assert snippet.run(COUNT) == "body head html link meta script script script title"
    demo = new_tab()
    demo.page.add_init_script(WATCH)
    demo.open("/demo.html").connected()
    assert demo.run("window.broken") == []
    assert demo.run("document.scripts.length") == 2
