"""What the end-to-end tests share: bundles, sites that serve pages, tabs that remember what they heard."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

import bxpull
from bxpull_server.journal import PollOpened, SocketOpened
from tests.pages import VISIBLE, Printed, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import BrowserContext, ConsoleMessage

    from bxpull_server import PushServer
    from bxpull_server.journal import Entry

HERE = Path(__file__).parent
RECORDER = (HERE / "recorder.js").read_text("utf-8")
KEPT = (HERE / "kept.js").read_text("utf-8")
HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"
WAIT_MS = 15_000
# Lost connections come back soon, so that tests wait less.
MIN_RECONNECT_DELAY_MS = 500

_numbers = itertools.count(1)


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())


def inline(code: str, **attributes: str) -> str:
    """A script element with code in it."""
    return f"<script{_attributes(attributes)}>\n{code}\n</script>\n"


def src(path: str, **attributes: str) -> str:
    """A script element that loads a file; an attribute without a value is given as an empty string."""
    return f'<script src="{escape(path)}"{_attributes(attributes)}></script>\n'


def portal_page(**phrases: Any) -> str:
    """The lines that a portal prints before all other scripts: the page's phrases, USER_ID for example."""
    return inline(
        "if (!window.BX) window.BX = {};\n"
        "if (!window.BX.message) window.BX.message = function (mess) {\n"
        "  if (typeof mess === 'object') for (let i in mess) { BX.message[i] = mess[i]; } return true; };\n"
        f"(window.BX || top.BX).message({json.dumps(phrases)});"
    )


START = inline("hearDrain(); BX.PULL.start();")


class Bundles:
    """Generated clients, each built once a test session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, bxpull.BuildResult] = {}

    def get(self, **options: Any) -> str:
        """The text of the bundle built with these options of :class:`bxpull.BuildOptions`."""
        return self._build(options).bundle.path.read_text("utf-8")

    def worker(self, **options: Any) -> tuple[str, str]:
        """Name and text of the shared worker's script that belongs to the bundle."""
        path = self._build(options).file("worker").path
        return path.name, path.read_text("utf-8")

    def console(self, **options: Any) -> str:
        """The text of the console."""
        return self._build({**options, "console": True}).file("console").path.read_text("utf-8")

    def _build(self, options: dict[str, Any]) -> bxpull.BuildResult:
        key = json.dumps(options, sort_keys=True)
        if key not in self._built:
            out = self._folder / str(len(self._built))
            given = {"engine": "native", "min_reconnect_delay": MIN_RECONNECT_DELAY_MS, **options}
            self._built[key] = bxpull.build(out=out, demo=False, **given)
        return self._built[key]


class Site:
    """A push server that serves the pages of one test.

    Attributes:
        server: The server.
        bundles: Where its client comes from.
    """

    def __init__(self, server: PushServer, bundles: Bundles) -> None:
        self.server = server
        self.bundles = bundles

    def script(self, code: str, **attributes: str) -> str:
        """Serves a script file; returns the element that loads it."""
        path = f"/script-{next(_numbers)}.js"
        self.server.add_page(path, JAVASCRIPT, code)
        return src(path, **attributes)

    def bundle(self, attributes: dict[str, str] | None = None, /, **options: Any) -> str:
        """Serves a bundle, and the worker's script if it has one; returns the element that loads it."""
        if options.get("shared_worker"):
            name, code = self.bundles.worker(**options)
            self.server.add_page(f"/{name}", JAVASCRIPT, code)
        return self.script(self.bundles.get(**options), **(attributes or {}))

    def console(self, **attributes: str) -> str:
        """Serves the console; returns the element that loads it."""
        return self.script(self.bundles.console(), **attributes)

    def page(self, *parts: str, head: str = "", recorder: str | None = None) -> str:
        """Serves a page of these HTML parts, recorder first; returns its path."""
        path = f"/page-{next(_numbers)}.html"
        first = inline(RECORDER) if recorder is None else recorder
        icon = '<link rel="icon" href="data:,">'  # asks the server for none
        start = f'<meta charset="utf-8"><title>test</title>{icon}{head}'
        self.server.add_page(
            path,
            HTML,
            f'<!doctype html>\n<html lang="en">\n<head>{start}\n'
            f"{first}</head>\n<body>\n{''.join(parts)}</body>\n</html>\n",
        )
        return path

    def simple_page(self, code: str, **options: Any) -> str:
        """A page with the client, then this code, then the start."""
        return self.page(self.bundle(**options), inline(code), START)

    def publish(self, user: int = 1, **params: Any) -> None:
        """Sends ``test``/``check`` with these params to a user."""
        self.server.add_by_user(user, module_id="test", command="check", params=params or [])

    def send_raw(self, frame: str | bytes) -> None:
        """Sends a frame as it is to user 1, by the next poll if none is open now."""
        known = self.server.requests
        while not self.server.send_raw(1, frame):
            self._wait_opened(known)
            known = self.server.requests

    def _wait_opened(self, known: Sequence[Entry]) -> None:
        """Waits for a poll or a socket that is none of the known ones."""
        old = {id(entry) for entry in known}
        self.server.wait_request(
            lambda entry: isinstance(entry, PollOpened | SocketOpened) and id(entry) not in old,
            timeout=WAIT_MS / 1000,
        )


class OpenTab(Protocol):
    """Opens a page with the client and some code of its own; returns its tab once it is connected."""

    def __call__(
        self, code: str = "", *, user: int = 1, context: BrowserContext | None = None, **options: Any
    ) -> Tab:
        """``user``: whose page it is; ``options``: of the bundle."""


class NewTab(Protocol):
    """Makes an empty tab, in a browser context of its own if one is given."""

    def __call__(self, user: int = 1, context: BrowserContext | None = None) -> Tab:
        """``user``: whose events :meth:`Tab.drain` sends."""


class Tab:
    """A page in the browser.

    Attributes:
        page: Playwright's page.
        user: Whose page it is; negative for a guest.
        console: Type and text of every console message so far.
        errors: Uncaught errors so far.
    """

    def __init__(self, context: BrowserContext, site: Site, user: int) -> None:
        self.site = site
        self.user = user
        self.page = context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.console: list[tuple[str, str]] = []
        self._printed = Printed(self.page)
        self.errors: list[str] = []
        self.expected: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(error.message))

    def open(self, path: str, query: str = "") -> Tab:
        """Opens a page of the site."""
        self.page.goto(f"{self.site.server.url}{path}{query}")
        return self

    def connected(self) -> Tab:
        """Waits until the client of the page is connected."""
        return self.until("window.BX && BX.PULL && BX.PULL.isConnected()")

    def until(self, expression: str, argument: Any = None) -> Tab:
        """Waits until a JavaScript expression, or a function of ``argument``, is truthy."""
        wait_until(self.page, expression, argument)
        return self

    def run(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression in the page."""
        return self.page.evaluate(expression, argument)

    def drain(self) -> list[list[Any]]:
        """Waits until all that was sent to this user has been handled; returns everything heard so far."""
        number = next(_numbers)
        self.site.server.add_by_user(self.user, module_id="drain", command="drain", params={"number": number})
        self.until("number => window.drained >= number", number)
        return self.heard()

    def heard(self, count: int = 0) -> list[list[Any]]:
        """Everything the page's ``hear`` functions noted, once there are ``count`` entries."""
        self.until("count => window.heard.length >= count", count)
        heard: list[list[Any]] = self.run("window.heard")
        return heard

    def lines(self, *types: str) -> list[str]:
        """Console texts of these types, ``warning`` for example; without a type: of all."""
        self.page.evaluate("0")  # what was printed before arrives before this answer
        return [text for type_, text in self.console if not types or type_ in types]

    def expect(self, *texts: str) -> None:
        """Names parts of the errors and warnings that this test provokes; others make it fail."""
        self.expected += texts

    def complaints(self) -> list[str]:
        """Uncaught errors and console warnings and errors that no :meth:`expect` names."""
        found = [*self.errors, *(text for type_, text in self.console if type_ in ("warning", "error"))]
        return [text for text in found if not any(part in text for part in self.expected)]

    def _note(self, message: ConsoleMessage) -> None:
        self.console.append((message.type, message.text))

    def visible(self) -> str:
        """All that people may look at: texts of the page, debug info, console, errors."""
        page = self.page.evaluate(VISIBLE)
        return f"{page}\n{self._printed.text()}"

    def destroy(self) -> None:
        """Ends the page's client, if there is one."""
        self.page.evaluate("window.BX && BX.PULL && BX.PULL.destroy && BX.PULL.destroy()")

    def wait_swept(self) -> str:
        """Waits until nothing of clients is left, and names what is: Firefox tells other tabs later."""
        names = "Object.keys(localStorage).filter((name) => name.startsWith('bx-pull-')).join()"
        with suppress(PlaywrightTimeoutError):
            self.until(f"!{names}")
        left: str = self.run(names)
        return left

    def kept(self) -> str:
        """What the page's origin keeps in the browser: storage of each kind, databases, caches, cookies."""
        kept: str = self.page.evaluate(KEPT)
        return kept


def names(heard: Sequence[Sequence[Any]]) -> list[str]:
    """Who heard, in order."""
    return [entry[0] for entry in heard]


def without_extra(heard: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """What was heard, less the last argument of each, ``extra``."""
    return [list(entry[:-1]) for entry in heard]
