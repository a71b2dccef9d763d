"""A page with the peer client, and what a test does with it."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.pages import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bxpull_server import PushServer
    from tests.e2e.wire import Wire

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "node_modules" / "@bitrix24" / "b24jssdk"
HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
# Shipped clients wait longer than ours before they connect again.
WAIT_MS = 40_000

Event = tuple[str, Any]


@cache
def peer_bundle() -> str:
    """The peer's package as one script, by the esbuild of this checkout."""
    done = subprocess.run(
        [
            ROOT / "node_modules" / ".bin" / "esbuild",
            "--bundle",
            "--format=iife",
            "--global-name=B24",
            "--log-level=error",
        ],
        input=b'export { B24PullClientManager } from "@bitrix24/b24jssdk";',
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


def peer_version() -> str:
    """Version of the installed package."""
    return str(json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"])


class PeerPage:
    """One page with the peer client in it.

    Attributes:
        server: The push server under test.
        wire: What the server speaks.
        user: Whose page it is.
    """

    def __init__(self, browser: Browser, server: PushServer, wire: Wire, user: int = 1) -> None:
        self.server = server
        self.wire = wire
        self.user = user
        self._browser = browser
        self._others: list[PeerPage] = []
        self._context = browser.new_context()
        self.page = self._context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        path = f"/peer-{user}.html"
        server.add_page("/peer-client.js", JAVASCRIPT, peer_bundle())
        server.add_page("/peer-page.js", JAVASCRIPT, (Path(__file__).parent / "page.js").read_text("utf-8"))
        server.add_page(
            path,
            HTML,
            f'<!doctype html><meta charset="utf-8"><script>window.peer = {{user: {user}}};</script>'
            '<script src="/peer-client.js"></script><script src="/peer-page.js"></script>',
        )
        self.page.goto(server.url + path)

    def start(self) -> PeerPage:
        """Starts the client and waits until the server has it connected."""
        assert self.run("client.start()") is True
        self.server.wait_connected(self.user)
        return self

    def another(self, user: int) -> PeerPage:
        """A started page of another user."""
        other = PeerPage(self._browser, self.server, self.wire, user)
        self._others.append(other)
        return other.start()

    def close(self) -> None:
        """Closes it and those that it opened."""
        for other in self._others:
            other.close()
        self._context.close()

    def run(self, expression: str) -> Any:
        """The value, or what the promise resolves to; a rejection is an error."""
        return self.page.evaluate(expression)

    def send(self, command: str, **params: Any) -> None:
        """An event of module test for the page's user."""
        self.server.add_by_user(self.user, module_id="test", command=command, params=params)

    def heard(self, count: int, kind: str = "server") -> list[dict[str, Any]]:
        """What callbacks of one kind were given, once there are ``count``."""
        wait_until(
            self.page,
            "([kind, count]) => log.filter(([name]) => name === kind).length >= count",
            [kind, count],
        )
        log: list[Event] = self.run("log")
        return [data for name, data in log if name == kind]

    def commands(self, count: int, kind: str = "server") -> list[str]:
        """The commands of :meth:`heard`."""
        return [data["command"] for data in self.heard(count, kind)]
