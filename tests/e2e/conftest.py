"""Fixtures of the end-to-end tests: real browsers, generated bundles, a push server a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from bxpull.locate import client_root
from bxpull.prebuild import ensure
from bxpull_server import PushServer
from bxpull_server.harness.browsers import launch_options
from tests.e2e.matrix import Matrix
from tests.e2e.support import Bundles, NewTab, OpenTab, Site, Tab
from tests.e2e.wire import DEFAULT, FORMATS, WIRES, Wire
from tests.selection import leave_out, values_in_firefox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import BrowserContext

    from bxpull_server.harness.secret_guard import SecretGuard


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--wire``, ``--matrix`` and ``--write-browsers``."""
    parser.addoption(
        "--wire",
        action="append",
        default=[],
        metavar="WIRE",
        help="run tests marked every_wire on this one only, '4 WebSocket' for example; may be repeated",
    )
    parser.addoption(
        "--matrix",
        choices=("write", "check"),
        help="write the table of wires and browsers into docs/compatibility.md, or compare what ran with it",
    )
    parser.addoption(
        "--write-browsers",
        action="store_true",
        help="let the conformance page try everything, and keep what it finds in docs/browsers/",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers and the matrix."""
    config.addinivalue_line(
        "markers",
        "every_wire(always): runs for each server version and transport with --thorough, else for these",
    )
    config.addinivalue_line(
        "markers", "every_format(always): runs for each wire format with --thorough, else for this wire"
    )
    config.addinivalue_line("markers", "server_options(**options): further options of the test's server")
    if config.getoption("--matrix"):
        config.pluginmanager.register(Matrix(config.getoption("--matrix"), FORMATS))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spares Firefox, which takes seconds for a page, what it would do several times.

    Unless thorough, it gets one wire of each test, now this one, now that, and none of those that differ
    least between browsers. The conformance page is tried there, too.
    """
    if config.getoption("--thorough") or config.getoption("--wire"):
        return
    leave_out(config, items, _is_nearly_the_same)


# Builds, publishing, versions, and what is beside other scripts are the same in every browser, nearly.
_NEARLY_THE_SAME = ("test_builds.py", "test_coexistence.py", "test_publishing.py", "test_versions.py")


def _is_nearly_the_same(item: pytest.Item) -> bool:
    values = values_in_firefox(item)
    if values is None or not isinstance(item, pytest.Function):
        return False
    marker = item.get_closest_marker("every_wire")
    if marker is None:
        return item.path.name in _NEARLY_THE_SAME
    wires = marker.kwargs.get("always", FORMATS)
    ours = wires[crc32(item.originalname.encode()) % len(wires)]
    return bool(values["wire"] != ours)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test on the wires of its marker; others, unless they name some, on today's usual one."""
    named = any("wire" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if named or "wire" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("every_wire")
    of_formats = metafunc.definition.get_closest_marker("every_format")
    if of_formats is not None:
        thorough = metafunc.config.getoption("--thorough")
        metafunc.parametrize("wire", FORMATS if thorough else [of_formats.kwargs["always"]], ids=str)
    elif marker is None:
        metafunc.parametrize("wire", [DEFAULT], ids=[pytest.HIDDEN_PARAM])
    else:
        wires = wires_of(metafunc.config, marker.kwargs.get("always", FORMATS))
        metafunc.parametrize("wire", wires, ids=str)


def wires_of(config: pytest.Config, always: Sequence[Wire]) -> Sequence[Wire]:
    """Where a test marked ``every_wire`` runs."""
    wanted = config.getoption("--wire")
    if wanted:
        wires = [wire for wire in WIRES if f"{wire.version} {wire.transport}" in wanted]
        assert wires, (
            f"--wire: none of {wanted} is a version from 1 to 5 and a transport, '4 WebSocket' for example"
        )
        return wires
    return WIRES if config.getoption("--thorough") else always


@pytest.fixture
def wire_of_report(wire: Wire, browser_name: str, request: pytest.FixtureRequest) -> None:
    """Tells the matrix where this test ran."""
    if request.node.get_closest_marker("every_wire") is not None:
        request.node.user_properties += [("wire", str(wire)), ("browser", browser_name)]


# It draws windows that nobody sees: less often, it opens a page in two thirds of the time. So it does in four
# fifths where a page stays in the process that its window began with, and not each site has one of its own.
_SWIFT_FIREFOX = {"layout.frame_rate": 20, "fission.webContentIsolationStrategy": 0}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Starts the browser found on this machine; a missing one is an error that says how to get it."""
    headed = browser_type_launch_args.get("headless") is False
    options = {**launch_options(browser_name, whole=headed), **browser_type_launch_args}
    if browser_name == "firefox":
        options["firefox_user_prefs"] = _SWIFT_FIREFOX | options.get("firefox_user_prefs", {})
    return options


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundles]:
    """Bundles of this checkout's client, by either engine."""
    folder = tmp_path_factory.mktemp("bundles")
    ensure(client_root(), folder / "prebuilt")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BXPULL_PREBUILT", str(folder / "prebuilt"))
        yield Bundles(folder)


@pytest.fixture
def server(
    wire: Wire,
    wire_of_report: None,  # noqa: ARG001
    request: pytest.FixtureRequest,
) -> Iterator[PushServer]:
    """A running push server that speaks the test's wire, its page's user being 1."""
    marker = request.node.get_closest_marker("server_options")
    with PushServer(**wire.options, **(marker.kwargs if marker else {})) as server:
        yield server


@pytest.fixture
def site(server: PushServer, bundles: Bundles) -> Site:
    """Pages served by the server."""
    return Site(server, bundles)


@pytest.fixture
def new_tab(site: Site, context: BrowserContext, pull_secrets: SecretGuard) -> Iterator[NewTab]:
    """Makes tabs. Fails a test whose pages had errors or complaints on the console that it did not name."""
    tabs: list[Tab] = []
    own = context

    def new(user: int = 1, context: BrowserContext | None = None) -> Tab:
        tabs.append(Tab(context or own, site, user))
        return tabs[-1]

    yield new
    left = [tab for tab in tabs if not tab.page.is_closed()]
    for tab in left:
        # What was printed before arrives before this answer.
        pull_secrets.look(f"page of user {tab.user}", tab.visible())
        tab.destroy()
    for tab in left:
        left_names = tab.wait_swept() if pull_secrets.shown_in(tab.kept()) else ""
        pull_secrets.look(f"storage after destroy(), page of user {tab.user} {left_names}", tab.kept())
    assert [tab.complaints() for tab in tabs] == [[] for _ in tabs]


@pytest.fixture
def open_tab(site: Site, new_tab: NewTab) -> OpenTab:
    """Opens simple pages."""

    def open_(code: str = "", *, user: int = 1, context: BrowserContext | None = None, **options: Any) -> Tab:
        query = f"?bxpull_user={user}" if user > 1 else ""
        return new_tab(user, context).open(site.simple_page(code, **options), query).connected()

    return open_
