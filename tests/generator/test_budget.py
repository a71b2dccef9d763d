"""What the client may weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bxpull
from bxpull.locate import client_root
from bxpull.prebuild import ensure

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 9216
"""Bytes of the default build, minified, after gzip."""


@pytest.fixture(autouse=True)
def real_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds bundle the checkout's own client."""
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    monkeypatch.delenv("BXPULL_PREBUILT")
    ensure(client_root(), tmp_path / "prebuilt")
    monkeypatch.setenv("BXPULL_PREBUILT", str(tmp_path / "prebuilt"))


def test_the_client_keeps_within_its_budget(engine: str) -> None:
    result = bxpull.build(engine=engine, minify=True)
    assert result.warnings == ()
    size = result.bundle.gzip_bytes
    assert size <= BUDGET, f"{size} bytes gzip, {size - BUDGET} over the budget"
