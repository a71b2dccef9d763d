"""Pages whose Content-Security-Policy allows no more than it must."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bxpull_server import PushServer
from tests.e2e.policy_pages import NONCE, PolicyPages
from tests.e2e.support import RECORDER, inline
from tests.e2e.wire import LONG_POLLING, WEBSOCKET, WIRES, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.support import Bundles, NewTab, Site, Tab

# Firefox tries these with --thorough only.
CHROMIUM_FIRST = pytest.mark.left_to_chromium
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


TRUSTED = "trusted-types worker; require-trusted-types-for 'script'"
PUBLISHING = (Wire(4, WEBSOCKET), Wire(4, LONG_POLLING), Wire(5, WEBSOCKET))
MODES = ("direct", "shared")
POLICIES = {
    "nonce": f"script-src 'nonce-{NONCE}'",
    "self": "script-src 'self'",
    "trusted types": f"script-src 'nonce-{NONCE}'; {TRUSTED}",
}
# Every client hears its server, and where pages may publish, each client of the user.
OPEN = """
    window.pulls = {};
    const make = { createScriptURL: (address) => address };
    const trusted = window.trustedTypes && trustedTypes.createPolicy("worker", make);
    window.openAll = (list) => Promise.all(list.map(({ name, restUrl, worker }) => {
        const sharedWorker = worker && trusted ? trusted.createScriptURL(worker) : worker;
        const pull = pulls[name] = new BX.PullClient({ userId: 1, siteId: name, restUrl, sharedWorker });
        const note = ({ params }) => heard.push(`${name} hears ${params.by}`);
        for (const type of ["server", "client"]) pull.subscribe({ type, moduleId: "test", callback: note });
        pull.capturePullEvent();
        pull.extendWatch("TAG", true);
        return pull.start().then(() => {});
    }));
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Wire, PushServer]]:
    """A server for each wire."""
    with ExitStack() as stack:
        yield {wire: stack.enter_context(PushServer(**wire.options)) for wire in WIRES}


@pytest.mark.parametrize(
    "policy",
    [pytest.param(name, marks=[] if name == "trusted types" else CHROMIUM_FIRST) for name in POLICIES],
)
def test_no_way_to_connect_runs_into_a_policy(
    new_tab: NewTab, bundles: Bundles, servers: dict[Wire, PushServer], policy: str
) -> None:
    addresses = " ".join(f"{server.url} {server.url.replace('http:', 'ws:')}" for server in servers.values())
    rules = f"default-src 'none'; {POLICIES[policy]}; worker-src 'self'; img-src data:"
    worker, code = bundles.worker(shared_worker=True)
    clients = [
        {"name": f"{wire}, {mode}", "restUrl": f"{server.url}/rest/", "worker": worker * (mode == "shared")}
        for wire, server in servers.items()
        for mode in MODES
    ]
    publishing = [f"{wire}, {mode}" for wire in PUBLISHING for mode in MODES]
    tab = new_tab()
    with PolicyPages(f"{rules}; connect-src {addresses}", has_nonce=policy != "self") as pages:
        pages.worker(worker, code)
        tab.page.goto(pages.page(RECORDER, bundles.get(shared_worker=True), OPEN))
        tab.run("clients => openAll(clients)", clients)
        tab.until("() => Object.values(pulls).every((pull) => pull.isConnected())")
        for server in servers.values():
            server.add_by_user(1, module_id="test", command="check", params={"by": "the server"})
        tab.run(
            "names => Promise.all(names.map((by) => pulls[by].sendMessage([1], 'test', 'check', { by })))",
            publishing,
        )
        heard = tab.heard(len(clients) + 2 * len(publishing))
        assert {f"{client['name']} hears the server" for client in clients} < set(heard)
        assert {f"{name} hears {name}" for name in publishing} < set(heard)
        shared = tab.run("Object.values(pulls).map((pull) => pull.getDebugInfo()['Shared worker'])")
        assert shared.count("Y") == sum(wire.is_socket for wire in WIRES)
        assert tab.run("window.violations") == []
        tab.run("Object.values(pulls).forEach((pull) => pull.destroy())")


@CHROMIUM_FIRST
@pytest.mark.parametrize("code", ["document.body.innerHTML = '<b></b>'", "new SharedWorker('/worker.js')"])
def test_text_where_code_could_come_from_is_noticed(new_tab: NewTab, site: Site, code: str) -> None:
    broken = "require-trusted-types-for"
    path = site.page(head=policy(f"'nonce-{NONCE}'"), recorder=inline(RECORDER, nonce=NONCE))
    tab = new_tab().open(path)
    tab.expect("Trusted", broken)
    tab.run(f"() => {{ try {{ {code} }} catch {{}} }}")
    tab.until("window.violations.length")
    assert tab.run("window.violations") == [broken]


@CHROMIUM_FIRST
def test_what_a_worker_runs_into_is_noticed(new_tab: NewTab) -> None:
    rules = "default-src 'none'; script-src 'self'; worker-src 'self'; img-src data:"
    with PolicyPages(rules, has_nonce=False) as pages:
        pages.worker("worker.js", "try { new WebSocket('ws://127.0.0.1:9/'); } catch {}")
        tab = new_tab()
        tab.page.goto(pages.page(RECORDER, "window.worker = new SharedWorker('worker.js');"))
        tab.until("() => window.violations.length")
        assert tab.run("window.violations") == ["worker: connect-src"]
