"""Leaving tests out of a run, and telling pytest so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def leave_out(config: pytest.Config, items: list[pytest.Item], which: Callable[[pytest.Item], bool]) -> None:
    """Takes these tests out of the list."""
    left: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        left[which(item)].append(item)
    items[:] = left[False]
    config.hook.pytest_deselected(items=left[True])


def values_in_firefox(item: pytest.Item) -> dict[str, Any] | None:
    """The parameters of a test that runs in Firefox; None for others."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or callspec.params.get("browser_name") != "firefox":
        return None
    return dict(callspec.params)
