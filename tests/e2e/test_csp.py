"""Pages whose Content-Security-Policy allows no more than it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.support import RECORDER, inline
from tests.e2e.wire import LONG_POLLING, WEBSOCKET, Wire

if TYPE_CHECKING:
    from tests.e2e.support import NewTab, Site, Tab

NONCE = "bXlub25jZQ"
HEAR = "BX.addCustomEvent('onPullEvent-test', hear('test')); hearDrain(); BX.PULL.start();"


def policy(script_src: str) -> str:
    rules = f"default-src 'self'; script-src {script_src}; style-src 'none'; img-src data:"
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{rules}; require-trusted-types-for \'script\'">'
    )


def check(tab: Tab, site: Site) -> None:
    site.server.wait_connected(1)
    site.publish()
    assert len(tab.drain()) == 1
    assert tab.run("window.violations") == []


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_the_script_runs_where_only_a_nonce_is_allowed(new_tab: NewTab, site: Site, format_: str) -> None:
    kind = {"type": "module"} if format_ == "esm" else {}
    path = site.page(
        site.bundle({"nonce": NONCE, **kind}, format=format_),
        inline(HEAR, nonce=NONCE, **kind),
        head=policy(f"'nonce-{NONCE}'"),
        recorder=inline(RECORDER, nonce=NONCE),
    )
    check(new_tab().open(path), site)


@pytest.mark.parametrize("format_", ["iife", "esm"])
def test_the_script_runs_where_only_own_files_are_allowed(new_tab: NewTab, site: Site, format_: str) -> None:
    kind = {"type": "module"} if format_ == "esm" else {}
    path = site.page(
        site.bundle(kind, format=format_),
        site.script(HEAR, **kind),
        head=policy("'self'"),
        recorder=site.script(RECORDER),
    )
    check(new_tab().open(path), site)


STRICTEST = (
    f"default-src 'none'; script-src 'nonce-{NONCE}'; connect-src 'self'; img-src data:; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
WHOLE_LIFE = """
    BX.PULL.capturePullEvent();
    BX.PULL.enableLogging();
    BX.addCustomEvent("onPullEvent-broken", () => { throw new Error("broken"); });
    BX.PULL.extendWatch("TAG", true);
"""


@pytest.mark.parametrize("wire", [Wire(3, WEBSOCKET), Wire(4, LONG_POLLING), Wire(5, WEBSOCKET)], ids=str)
def test_nothing_runs_into_the_strictest_policy(new_tab: NewTab, site: Site) -> None:
    path = site.page(
        site.bundle({"nonce": NONCE}),
        inline(WHOLE_LIFE + HEAR, nonce=NONCE),
        head=f'<meta http-equiv="Content-Security-Policy" content="{STRICTEST}">',
        recorder=inline(RECORDER, nonce=NONCE),
    )
    tab = new_tab().open(path)
    tab.expect("broken", "publishing to", "needs server version")
    site.server.wait_connected(1)
    site.server.add_by_user(1, module_id="broken", command="check")
    tab.run("BX.PULL.sendMessage([1], 'test', 'hello').catch((error) => console.warn(error.message))")
    # The nonce is no longer needed for what comes later, a new connection for example.
    tab.run("BX.PULL.restart()")
    tab.until("() => BX.PULL.isConnected()")
    check(tab, site)


def test_a_script_that_is_not_allowed_is_noticed(new_tab: NewTab, site: Site) -> None:
    path = site.page(inline("1"), head=policy("'self'"), recorder=site.script(RECORDER))
    tab = new_tab().open(path)
    tab.expect("script-src")
    tab.until("window.violations.length")
