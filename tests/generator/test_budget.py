"""What the client may weigh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bxpull
from bxpull.locate import client_root
from bxpull.prebuild import ensure

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = 15_640
"""Bytes of the whole client, minified for es2018, after gzip: until it is 13 KB again."""
SMALLEST = 11_760
"""The same for servers of version 5 and pages with BX, without long polling: 11.5 KB, aim 9 KB."""

SHARED = 1_024
"""What sharing a connection between tabs may add to the client."""
WORKER = 2_560
"""The same for the shared worker's script."""

CONSOLE = 7_168
"""The same for the console's script."""


@pytest.fixture(autouse=True)
def real_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds bundle the checkout's own client."""
    monkeypatch.delenv("BXPULL_CLIENT_SRC")
    monkeypatch.delenv("BXPULL_PREBUILT")
    ensure(client_root(), tmp_path / "prebuilt")
    monkeypatch.setenv("BXPULL_PREBUILT", str(tmp_path / "prebuilt"))


def test_the_whole_client_keeps_within_its_budget(engine: str) -> None:
    keeps_within(WHOLE, bxpull.build(engine=engine, target="es2018"))


def test_the_client_for_json_rpc_over_websocket_keeps_within_its_budget() -> None:
    part = {"protocols": ["jsonrpc"], "long_polling": False, "shim": False, "demo": False}
    keeps_within(SMALLEST, bxpull.build(target="es2018", **part))


def test_sharing_a_connection_keeps_within_its_budget(engine: str) -> None:
    usual, shared = (
        bxpull.build(target="es2018", engine=engine, shared_worker=on, demo=False) for on in (False, True)
    )
    keeps_within(usual.bundle.gzip_bytes + SHARED, shared)
    size = shared.file("worker").gzip_bytes
    assert size <= WORKER, f"{size} bytes gzip, {size - WORKER} over the budget"


def test_the_console_keeps_within_its_budget(engine: str) -> None:
    size = bxpull.build(target="es2018", engine=engine, console=True).file("console").gzip_bytes
    assert size <= CONSOLE, f"{size} bytes gzip, {size - CONSOLE} over the budget"


def keeps_within(budget: int, result: bxpull.BuildResult) -> None:
    assert result.warnings == ()
    size = result.bundle.gzip_bytes
    assert size <= budget, f"{size} bytes gzip, {size - budget} over the budget"
