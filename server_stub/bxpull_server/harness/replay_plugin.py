"""``pytest --pull-replay capture.jsonl``: a test of each capture that is named, without a line of code."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from bxpull_server.capture.lines import Capture, read_capture
from bxpull_server.capture.receivers import user_of_page
from bxpull_server.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.harness import PullEvents, PullUser

OPTION = "--pull-replay"
_FILES: pytest.StashKey[frozenset[Path]] = pytest.StashKey()


def start(config: pytest.Config) -> None:
    """Collect the captures: beside the paths that were given, or alone where none were.

    Raises:
        pytest.UsageError: What is named is no file.
    """
    # As pytest itself names files: without "..", and by their links.
    files = [os.path.abspath(file) for file in config.getoption(OPTION)]  # noqa: PTH100
    for file in files:
        if Path(file).is_dir():
            raise pytest.UsageError(f"{OPTION}: {file} is a folder: name each capture in it")
    config.stash[_FILES] = frozenset(map(Path, files))
    given = config.args if config.args_source is config.ArgsSource.ARGS else []
    # Workers of xdist are given what is collected here.
    config.args = list(dict.fromkeys([*given, *files]))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A test of a file that was named."""
    if file_path not in parent.config.stash[_FILES]:
        return None
    collector: pytest.Collector = CaptureFile.from_parent(parent, path=file_path)
    return collector


class CaptureFile(pytest.Module):
    """A capture, as a module with one test."""

    def _getobj(self) -> ModuleType:
        try:
            capture = read_capture(self.path)
            capture.check_any()
        except CaptureError as error:
            raise self.CollectError(str(error)) from None
        module = ModuleType("bxpull_replay", "What was captured, once more.")
        module.test_replay = _test_of(capture)  # type: ignore[attr-defined]
        return module


def _test_of(capture: Capture) -> Any:
    user = user_of_page(capture.events)
    # Of lines that do not say what was called it is not known that anything has to be.
    events = tuple(replace(event, calls=event.calls or ()) for event in capture.events)
    noted = replace(capture, events=events)

    @pytest.mark.pull_server(user=user)
    def test_replay(
        pull_page: Any,  # noqa: ARG001 - is told
        pull_user: Callable[[int], PullUser],
        pull_events: PullEvents,
    ) -> None:
        __tracebackhide__ = True
        pull_events.expect_capture(pull_user(user).replay(noted))

    return test_replay
