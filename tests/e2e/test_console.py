"""The console in a page: capturing, files, replay, the panel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import FilePayload

from tests.e2e.policy_pages import NONCE
from tests.e2e.support import RECORDER, START, inline

if TYPE_CHECKING:
    from tests.e2e.support import NewTab, Site, Tab

HEAR = """
for (const name of ["onPullEvent-test", "onPullEvent", "onPull-test", "onPull", "onPullOnlineEvent"])
  BX.addCustomEvent(name, hear(name));
for (const type of ["server", "online"])
  BX.PULL.subscribe({ type, moduleId: "test", callback: hear(type) });
hearDrain();
"""
STRICTEST = (
    f"default-src 'none'; script-src 'nonce-{NONCE}'; connect-src 'self'; img-src data:; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
ROWS = "document.querySelector('bx-pull-console').shadowRoot.querySelectorAll('.row').length"


def open_page(new_tab: NewTab, site: Site, code: str) -> Tab:
    page = site.page(site.bundle(), site.console(), inline(HEAR + code), START)
    return new_tab().open(page).connected()


def heard(tab: Tab) -> list[list[Any]]:
    """What handlers were told, but for the test's own marker."""
    return [entry for entry in tab.heard() if "drain" not in json.dumps(entry)]


def test_a_capture_is_handed_to_the_handlers_of_another_page_as_it_was(new_tab: NewTab, site: Site) -> None:
    tab = open_page(new_tab, site, "BX.PullConsole.start({ module: ['test', 'online'] });")
    for number in range(3):
        site.publish(number=number)
    site.server.add_by_user(1, module_id="online", command="user_online", params={"users": {"7": {}}})
    tab.drain()
    captured = tab.run("BX.PullConsole.export()")
    other = open_page(new_tab, site, "")
    assert other.run("text => BX.PullConsole.load(text)", captured) == 4
    steps = other.run("Array.from({ length: 5 }, () => (BX.PullConsole.step() || {}).command)")
    assert steps == ["check", "check", "check", "user_online", None]
    assert heard(tab) == heard(other)
    assert len(heard(tab)) == 3 * 5 + 2


@pytest.mark.left_to_chromium
def test_a_server_sends_the_events_of_a_capture_again(new_tab: NewTab, site: Site) -> None:
    tab = open_page(new_tab, site, "BX.PullConsole.start({ module: 'test' });")
    for number in range(3):
        site.publish(number=number)
    tab.drain()
    lines = tab.run("BX.PullConsole.export()").splitlines()
    assert len(lines) == 3
    tab.run("BX.PullConsole.clear()")
    site.server.replay(lines, users=[1])
    tab.drain()
    again = tab.run("BX.PullConsole.events()")
    assert [event["params"] for event in again] == [json.loads(line)["params"] for line in lines]


@pytest.mark.left_to_chromium
def test_neither_file_nor_panel_has_a_secret(new_tab: NewTab, site: Site) -> None:
    tab = open_page(new_tab, site, "BX.PullConsole.start({ module: 'test' }); BX.PullConsole.show();")
    secret = tab.run("BX.PULL.getConfig().channels.private.id")
    site.publish(channel=secret)
    tab.drain()
    tab.run("secret => BX.onCustomEvent('onPullEvent', ['test', secret, { channel: '' }, {}])", secret)
    named = tab.page.locator("bx-pull-console .row").last
    named.get_by_text("test/#").wait_for()
    row = tab.page.locator("bx-pull-console .row").first
    row.click()
    details = tab.page.locator("bx-pull-console pre").inner_text()
    shown = [details, row.inner_text(), named.inner_text(), tab.run("BX.PullConsole.export()")]
    parts = {part for piece in secret.split(".") for part in piece.split(":")}
    assert [part for part in parts for text in shown if part in text] == []
    assert all('"channel"' in text for text in shown)
    assert tab.run("BX.PullConsole.events({ unsafe: true })[0].params.channel") == secret


def test_the_panel_works_under_the_strictest_policy(new_tab: NewTab, site: Site, browser_name: str) -> None:
    path = site.page(
        site.bundle({"nonce": NONCE}),
        site.console(nonce=NONCE),
        inline(f"{HEAR} BX.PullConsole.show(); BX.PULL.start();", nonce=NONCE),
        head=f'<meta http-equiv="Content-Security-Policy" content="{STRICTEST}">',
        recorder=inline(RECORDER, nonce=NONCE),
    )
    tab = new_tab().open(path)
    site.server.wait_connected(1)
    panel = tab.page.locator("bx-pull-console")
    panel.get_by_role("button", name="Record").click()
    site.publish(html="<img src=x onerror='window.broken = 1'>")
    panel.get_by_role("listbox").get_by_role("option").first.wait_for()
    save = panel.get_by_role("button", name="Save")
    if browser_name == "chromium":
        with tab.page.expect_download() as download:
            save.click()
        assert download.value.suggested_filename.startswith("pull-events-")
        assert download.value.path().read_text("utf-8") == tab.run("BX.PullConsole.export()")
    else:
        save.click()  # Playwright is told of no downloads by Firefox.
    assert tab.run("getComputedStyle(document.querySelector('bx-pull-console')).position") == "fixed"
    panel.get_by_role("button", name="Close").click()
    assert panel.count() == 0
    tab.run("BX.PullConsole.show()")
    panel.get_by_role("listbox").get_by_role("option").first.wait_for()
    assert tab.run("[window.violations, window.broken]") == [[], None]


@pytest.mark.left_to_chromium
def test_the_keyboard_finds_one_of_ten_thousand_events_and_hands_it_on(new_tab: NewTab, site: Site) -> None:
    tab = open_page(new_tab, site, "BX.PullConsole.show(); addEventListener('keydown', hear('shortcut'));")
    tab.run("""() => {
      const event = { time: "2026-11-30T00:00:00.000Z", module: "test", command: "check", extra: {} };
      const lines = Array.from({ length: 10000 }, (_, n) => ({ ...event, params: { n: `n${n}` } }));
      BX.PullConsole.load(lines.map((line) => JSON.stringify(line)).join("\\n"));
    }""")
    panel, keyboard = tab.page.locator("bx-pull-console"), tab.page.keyboard
    panel.get_by_text("10000 events").wait_for()
    assert 0 < tab.run(ROWS) < 100
    panel.get_by_text('"n9999"').wait_for()  # The newest is in sight.
    panel.get_by_role("searchbox").focus()
    keyboard.type("test/check n777")
    panel.get_by_text("11 of 10000").wait_for()
    panel.get_by_role("listbox").focus()
    for key in ("Home", "ArrowDown", "ArrowDown"):
        keyboard.press(key)
    panel.locator("pre").get_by_text('"n": "n7771"').wait_for()
    panel.get_by_role("button", name="Step").press("Enter")
    assert [entry[2] for entry in tab.heard() if entry[0] == "onPullEvent-test"] == [{"n": "n7771"}]
    assert "shortcut" not in [entry[0] for entry in tab.heard()]


@pytest.mark.left_to_chromium
def test_the_panel_loads_a_file_or_says_which_line_is_wrong(new_tab: NewTab, site: Site) -> None:
    path = site.page("<bx-pull-console></bx-pull-console>", site.bundle(), site.console())
    tab = new_tab().open(path)
    file = FilePayload(name="events.jsonl", mimeType="text/plain", buffer=b'{"module": "im"}')
    panel = tab.page.locator("bx-pull-console")
    panel.locator("input[type=file]").set_input_files(file)
    panel.get_by_role("alert").get_by_text('line 1: no "command"; give a text such as "message"').wait_for()
    line = {"time": "2026-11-30T00:00:00.000Z", "module": "im", "command": "c", "params": {}}
    text = "".join(f"{json.dumps({**line, 'command': f'c{number}'})}\n" for number in range(100))
    file["buffer"] = text.encode()
    tab.run("() => { BX.PULL.getDebugInfo = () => { throw new Error('of a client of others'); }; }")
    panel.locator("input[type=file]").set_input_files(file)
    panel.get_by_text("im/c0").wait_for()  # The first of a file is in sight.
    assert panel.get_by_role("alert").count() == 0
    tab.run("delete BX.PULL.getDebugInfo")
    file["buffer"] = json.dumps({**line, "command": "x" * 200}).encode()
    panel.locator("input[type=file]").set_input_files(file)
    tab.page.set_viewport_size({"width": 360, "height": 640})
    name = panel.locator(".row .name").filter(has_text="im/xxx")
    assert name.evaluate("(name) => name.getBoundingClientRect().right <= innerWidth"), "no ellipsis in sight"
