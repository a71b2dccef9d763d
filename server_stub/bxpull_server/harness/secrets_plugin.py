"""No test may show a secret: what the servers of this process hand out is looked for after each of them.

``pull_secrets = off`` in the ini-file switches it off, ``@pytest.mark.pull_secrets("off")`` for one test.
Reports have fingerprints in place of secrets as long as it is on.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bxpull_server.handed_out import watching
from bxpull_server.harness.errors import SecretShownError
from bxpull_server.harness.secret_guard import SecretGuard

if TYPE_CHECKING:
    from collections.abc import Generator

    from bxpull_server.harness.tab import Tab

INI = "pull_secrets"
_MODES = ("on", "off")
_GUARD = pytest.StashKey[SecretGuard]()
_OFF = SecretGuard(active=False)


def start(config: pytest.Config) -> None:
    """Begin to note what is handed out, unless the ini-file says otherwise."""
    config.addinivalue_line(
        "markers", 'pull_secrets("off"): this test may show the secrets of its push server'
    )
    mode = config.getini(INI)
    if mode not in _MODES:
        raise pytest.UsageError(f"pull_secrets: must be on or off, not {mode!r}")
    guard = config.stash[_GUARD] = SecretGuard(active=mode == "on")
    if guard.active:
        stack = ExitStack()
        stack.enter_context(watching(guard.note))
        config.add_cleanup(stack.close)


def guard_of(item: pytest.Item) -> SecretGuard:
    """The guard of this test."""
    marker = item.get_closest_marker(INI)
    off = marker is not None and marker.args == ("off",)
    return _OFF if off else item.config.stash[_GUARD]


def look_at(tabs: list[Tab], item: pytest.Item) -> None:
    """Look that pages have shown no secret.

    Raises:
        SecretShownError: One has.
    """
    __tracebackhide__ = True
    guard = guard_of(item)
    shown: dict[str, list[str]] = {}
    for tab in tabs:
        for place, prints in tab.shown.items():
            shown[f"{tab.name}: {place}"] = guard.shown_by(prints)
    guard.refuse(shown)


@pytest.fixture
def pull_secrets(request: pytest.FixtureRequest) -> SecretGuard:
    """Looks for secrets where the harness cannot: ``pull_secrets.look("the mail", text)``."""
    return guard_of(request.node)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test has secrets of its own.

    Raises:
        TypeError: Its marker cannot be used. An error of this test; others go on, also in other workers.
    """
    guard_of(item).begin()
    marker = item.get_closest_marker(INI)
    if marker is not None and (marker.args not in (("on",), ("off",)) or marker.kwargs):
        raise TypeError(f'the marker pull_secrets takes "on" or "off", not {marker.args}')


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Looks at what was captured, the server's log with it, once all of it is there."""
    report = yield
    guard = guard_of(item)
    if not guard.active:
        return report
    shown = {title: kinds for title, text in report.sections if (kinds := guard.shown_in(text))}
    if shown:
        report.sections = [(title, guard.redacted(text)) for title, text in report.sections]
    if report.longrepr is not None and guard.shown_in(report.longreprtext):
        report.longrepr = guard.redacted(report.longreprtext)
    if shown and report.when == "teardown" and report.outcome == "passed":
        report.outcome = "failed"
        report.longrepr = str(SecretShownError(shown))
    return report
