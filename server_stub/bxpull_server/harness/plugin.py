"""Fixtures for tests of pages that handle Pull events; pytest finds them by itself once bxpull is installed.

::

    def test_a_message_is_shown(pull_page, pull_user, pull_events):
        pull_page.evaluate("BX.addCustomEvent('onPullEvent-im', (_, params) => document.title = params.text)")
        pull_user(1).send("im", "message", {"text": "hello"})
        pull_events.expect("im", "message", params={"text": "hello"})
        assert pull_page.title() == "hello"

Inputs to override, in a ``conftest.py`` for example: ``pull_server_options``, ``pull_bundle_options``,
``pull_page_url``, ``pull_page_inject``. For one test: ``@pytest.mark.pull_server(server_version=5)``.

For tests that are coroutines see :mod:`bxpull_server.harness.async_plugin`.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.harness.ending import finish, note_outcome
from bxpull_server.harness.server_maker import server_maker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from bxpull_server import ManualClock, PushServer
    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.harness import Bundle, PullEvents, PullHarness, PullUser
    from bxpull_server.harness.clock import PullClock

_CLOCK: pytest.StashKey[ManualClock] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``pull_secrets`` to the ini-file, and the options of the command line."""
    parser.addini("pull_secrets", "on: tests fail that show secrets of their push server; off", default="on")
    group = parser.getgroup("bxpull", "pages that handle Pull events")
    group.addoption(
        "--pull-replay",
        metavar="FILE",
        action="append",
        default=[],
        help="replay a capture (JSON Lines) to pull_page, and expect its events; may be repeated",
    )
    group.addoption(
        "--pull-url",
        metavar="URL",
        help="what pull_page opens where the suite does not say: an address, or a path",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and the browser's launch options after those of pytest-playwright."""
    config.addinivalue_line(
        "markers",
        "pull_server(**options): options of this test's push server, see bxpull_server.ServerOptions",
    )
    if config.getoption("--pull-replay"):
        from bxpull_server.harness import replay_plugin

        replay_plugin.start(config)
        config.pluginmanager.register(replay_plugin, "bxpull-replay")
    from bxpull_server.harness import secrets_plugin

    secrets_plugin.start(config)
    config.pluginmanager.register(secrets_plugin, "bxpull-secrets")
    if config.pluginmanager.hasplugin("playwright"):
        from bxpull_server.harness import launch_plugin

        config.pluginmanager.register(launch_plugin, "bxpull-launch")
        if not config.pluginmanager.hasplugin("base_url"):
            from bxpull_server.harness import base_url_plugin

            config.pluginmanager.register(base_url_plugin, "bxpull-base-url")
    if find_spec("pytest_asyncio") is not None:
        from bxpull_server.harness import async_plugin

        config.pluginmanager.register(async_plugin, "bxpull-async")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes how the test went, for the end of its fixtures."""
    report = yield
    note_outcome(item, report)
    return report


@pytest.fixture(scope="session")
def make_pull_server() -> Iterator[Callable[..., PushServer]]:
    """Makes push servers of this process: ``make_pull_server(host="0.0.0.0", server_version=5)``.

    They run until the end of the session, each on a port that the system chose, beside ``pull_server``.
    Called again with the same ``host`` and ``port`` it returns the server that there is, with the options of
    now and without what earlier tests left, in about a millisecond. Each worker of xdist has its own.
    """
    with ExitStack() as stack:
        yield server_maker(stack)


@pytest.fixture(scope="session")
def _make_own_pull_server() -> Iterator[Callable[..., PushServer]]:
    """The servers of ``pull_server``, which must not reset one that a test has made for itself."""
    with ExitStack() as stack:
        yield server_maker(stack)


@pytest.fixture
def pull_server_options() -> dict[str, Any]:
    """Options of the push server, as a dict; see ``bxpull_server.ServerOptions``. Override it with your own.

    ::

        @pytest.fixture
        def pull_server_options():
            return {"server_version": 5, "user": 7}

    Unless they say otherwise, pages of every origin may use the server.
    """
    return {}


@pytest.fixture
def pull_server(
    _make_own_pull_server: Callable[..., PushServer],
    pull_server_options: dict[str, Any],
    request: pytest.FixtureRequest,
) -> Iterator[PushServer]:
    """A push server that knows nothing of earlier tests: a running ``bxpull_server.PushServer``.

    ::

        @pytest.mark.pull_server(server_version=5)
        def test_news(pull_server, pull_page, pull_events):
            pull_server.add_shared(module_id="main", command="news")
            pull_server.wait_delivered()
            pull_events.expect("main", "news")
    """
    options = {"cors_origins": ("*",), **pull_server_options, **_marked(request.node)}
    with ExitStack() as stack:
        if "pull_clock" in request.fixturenames:
            server = stack.enter_context(_standing_still(request.node, options))
        else:
            server = _make_own_pull_server(**options)
        server.keep_published()
        yield server


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Options of the test's markers: what is not said by the nearest one is said by those around it."""
    options: dict[str, Any] = {}
    for marker in item.iter_markers("pull_server"):
        if marker.args:
            raise TypeError(
                f"the marker pull_server takes options by name, as (server_version=5), not {marker.args}"
            )
        options = {**marker.kwargs, **options}
    return options


@contextmanager
def _standing_still(item: pytest.Item, options: dict[str, Any]) -> Iterator[PushServer]:
    """A server of this test alone, whose clock begins at the same moment in each."""
    from bxpull_server import ManualClock, PushServer

    item.stash[_CLOCK] = ManualClock()
    with PushServer(clock=item.stash[_CLOCK], **options) as server:
        yield server


@pytest.fixture
def pull_clock(pull_server: PushServer, request: pytest.FixtureRequest) -> Iterator[PullClock]:
    """One clock for pages, their shared worker and the server, which stands still unless it is moved.

    ::

        def test_an_hour_without_a_server(pull_clock, pull_page, pull_user, pull_faults, pull_events):
            with pull_faults.refuse(503):
                pull_faults.drop()
                pull_clock.advance(3600)
            pull_user(1).send("im", "message")
            pull_clock.advance(60)
            pull_events.expect("im", "message")

    Only the client's time is moved: the page's own timers go on. ``pull_clock.log`` tells what happened in
    which second, the same in every run. See :class:`bxpull_server.harness.clock.PullClock`.
    """
    from bxpull_server.harness.clock import ClockError, PullClock

    if _CLOCK not in request.node.stash:
        raise ClockError(
            "pull_clock needs a pull_server that was made for it: name it among the arguments of the test or "
            "of its fixtures; with a pull_server of your own, make a ManualClock and a PullClock, too"
        )
    with PullClock(request.node.stash[_CLOCK], pull_server) as clock:
        yield clock


@pytest.fixture
def pull_bundle_options() -> dict[str, Any]:
    """Options of the client that pages are given, as a dict; see ``bxpull.BuildOptions``. Override it.

    ``{"shared_worker": True}`` lets the tabs of a user share one connection. Lost connections come back
    within 200 ms unless ``min_reconnect_delay`` says otherwise, and it is shrunk only with ``minify``.
    """
    return {}


@pytest.fixture(scope="session")
def make_pull_bundle() -> Callable[..., Bundle]:
    """Makes clients of ``bxpull.BuildOptions``; those with the same options are built once."""
    from bxpull_server.harness import Bundle

    bundles: dict[str, Bundle] = {}

    def make(**options: Any) -> Bundle:
        return bundles.setdefault(repr(sorted(options.items())), Bundle(**options))

    return make


@pytest.fixture
def pull_bundle(make_pull_bundle: Callable[..., Bundle], pull_bundle_options: dict[str, Any]) -> Bundle:
    """The client that pages are given."""
    return make_pull_bundle(**pull_bundle_options)


@pytest.fixture
def pull_faults(pull_server: PushServer) -> ThreadFaults:
    """What goes wrong on purpose: ``pull_faults.drop()``, ``with pull_faults.delay(500, user=1):`` and so on.

    Calls strike once, blocks until their end: ``drop``, ``half_open``, ``delay``, ``duplicate``, ``reorder``,
    ``truncate``, ``malformed``, ``refuse``, ``slow_accept``; and ``restart``, ``expire_channel``,
    ``expire_config``, ``evict_history``, ``revision``. ``bxpull_server.api.named_faults`` says what each is.
    """
    return pull_server.faults


@pytest.fixture
def pull_harness(
    pull_server: PushServer,
    pull_bundle: Bundle,
    context: Any,
    new_context: Callable[[], Any],
    request: pytest.FixtureRequest,
) -> Iterator[PullHarness]:
    """Pages of this test, where ``pull_page`` and ``pull_user`` are not enough.

    ``pull_harness.open(page, user=2, url="https://...")``, ``pull_harness.attach(page)``.

    At the end the test fails if page code has thrown what it did not expect. A test that failed has in its
    report what the server saw, what the pages were told, how their clients are, and the names of screenshots.
    """
    from bxpull_server.harness import PullHarness
    from bxpull_server.harness.steps import run

    contexts: dict[int, Any] = {}
    clock = request.getfixturevalue("pull_clock") if "pull_clock" in request.fixturenames else None

    def new_page(user: int) -> Any:
        # Users are different people: each has a browser context of its own, the first the test's own.
        if user not in contexts:
            contexts[user] = new_context() if contexts else context
        return contexts[user].new_page()

    harness = PullHarness(pull_server, pull_bundle, new_page=new_page, clock=clock)
    yield harness
    finish(harness.core, request.node, run)


@pytest.fixture
def pull_events(pull_harness: PullHarness) -> PullEvents:
    """What pages were told, and waiting for it: every event, handler call and handler error, in every tab.

    ::

        pull_events.expect("im", "message", params={"id": 5})
        pull_events.expect_none("im", "delete")
        pull_events.expect_call("onPullEvent-im", command="message")
        pull_events.expect_error("TypeError")
    """
    return pull_harness.events


@pytest.fixture
def pull_user(pull_harness: PullHarness) -> Callable[[int], PullUser]:
    """Makes users: ``pull_user(5).send("im", "message", {"id": 5})``, ``pull_user(5).open()`` for a page.

    Each user has a browser context; several pages of one user are tabs of it.
    """
    return pull_harness.user


@pytest.fixture
def pull_guest(pull_harness: PullHarness) -> Callable[..., PullUser]:
    """Makes guests, who have negative ids: ``pull_guest(-1).open()``; without an id it is -1."""

    def guest(user: int = -1) -> PullUser:
        if user >= 0:
            raise ValueError(f"guests have negative ids: pull_guest({-user or -1}), or pull_user({user})")
        return pull_harness.user(user)

    return guest


@pytest.fixture
def pull_page_url(request: pytest.FixtureRequest) -> str | None:
    """What ``pull_page`` opens: an address, or a path of the server; None: an empty page. Override it.

    ``--pull-url`` says so on the command line.
    """
    url: str | None = request.config.getoption("--pull-url")
    return url


@pytest.fixture
def pull_page_inject() -> bool:
    """Whether the harness puts the client into ``pull_page_url``; False: the page has one. Override it."""
    return True


@pytest.fixture
def pull_page(pull_harness: PullHarness, pull_page_url: str | None, pull_page_inject: bool) -> Any:
    """A page of Playwright whose client is connected, as page and server both say; the page of user 1.

    The user is that of the server's option ``user``. For other users and guests: ``pull_user(2).open()``.
    """
    user = pull_harness.server.options.user or 1
    return pull_harness.open(user=user, url=pull_page_url, inject=pull_page_inject)
