"""A part of the real client, in a browser: it speaks what was chosen, and names what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

import bxpull
from bxpull_server import AsyncPushServer
from bxpull_server.harness.browsers import launch_options
from tests.generator.test_parts import SUBSETS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = '<!doctype html><script src="bxpull.js"></script>'
START = """() => BX.PULL.start().then(
  () => BX.PULL.getDebugInfo()["WebSocket mode"],
  (error) => `${error.code}: ${error.message}`,
)"""
# For each server version what is spoken, the best first, and the option's name of that.
SPOKEN = {
    3: (("text", "text"),),
    4: (("protobuf", "protobuf"), ("text", "text")),
    5: (("json-rpc", "jsonrpc"),),
}


@pytest.fixture(autouse=True)
def real_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds bundle the checkout's own client."""
    monkeypatch.delenv("BXPULL_CLIENT_SRC")


def expected(version: int, protocols: list[str]) -> str:
    """The mode of the connection, or the error of a client that has not what it needs."""
    for mode, name in SPOKEN[version]:
        if name in protocols:
            return mode
    needed = SPOKEN[version][0][1]
    return f"BAD_CONFIG: server version {version} needs {needed} in the build option protocols"


def test_without_the_shim_nothing_of_it_is_in_the_bundle() -> None:
    texts = [
        bxpull.build(engine="native", minify=False, shim=shim, demo=False).bundle.path.read_text("utf-8")
        for shim in (True, False)
    ]
    for mark in ("EventEmitter", "isDomNode", "debugStatus", "// bx/registry.ts"):
        assert [mark in text for text in texts] == [True, False], mark


async def test_each_part_speaks_with_the_servers_it_has_a_protocol_for(workdir: Path) -> None:
    for protocols in SUBSETS:
        folder = workdir / "-".join(protocols)
        bxpull.build(out=folder, engine="native", minify=False, protocols=protocols, long_polling=False)
        (folder / "index.html").write_text(PAGE, "utf-8")
    async with AsyncPushServer(static=workdir) as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options("chromium"))
        for version in SPOKEN:
            # A user for each version, so that one server will do.
            await server.set_user(version, server_version=version)
            for protocols in SUBSETS:
                context = await browser.new_context()
                page = await context.new_page()
                await page.goto(f"{server.url}/{'-'.join(protocols)}/index.html?bxpull_user={version}")
                found = await page.evaluate(START)
                assert found == expected(version, protocols), (version, protocols)
                await context.close()
        await browser.close()
