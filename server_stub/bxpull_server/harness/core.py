"""Opening pages with the client in them: what both APIs of the harness share."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from bxpull_server.harness.bundle import (
    BUNDLE_NAME,
    FOLDER,
    Bundle,
    home_script,
    init_script,
    page_html,
    recorder,
)
from bxpull_server.harness.errors import NotConnectedError
from bxpull_server.harness.expectations import WAIT_S, Expectations
from bxpull_server.harness.handover import Handover
from bxpull_server.harness.surface import surface_of
from bxpull_server.harness.tab import Tab
from bxpull_server.users import check_user
from bxpull_server.web.identity import USER_FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bxpull_server import AsyncPushServer, PushServer
    from bxpull_server.harness.clock import PullClock
    from bxpull_server.harness.steps import Steps
    from bxpull_server.harness.surface import Surface

_HTML = "text/html; charset=utf-8"
_JAVASCRIPT = "text/javascript; charset=utf-8"
_RECORD = f"() => {{ {recorder()} }}"
"""The recorder for a page that is loaded already; where it is, this does nothing."""


class Core:
    """Pages of one test against one server.

    Attributes:
        server: The server.
        tabs: All pages, oldest first.
        expectations: Looks at them.
        clock: Whose time pages and workers have; None: the machine's.

    Args:
        server: A running server.
        bundle: The client; None: the default build.
        clock: Whose time pages and workers have; None: the machine's.
    """

    def __init__(self, server: PushServer, bundle: Bundle | None, clock: PullClock | None = None) -> None:
        self.server = server
        self.tabs: list[Tab] = []
        self.expectations = Expectations(server, self.tabs)
        self._bundle = bundle or Bundle()
        self.clock = clock
        self._handover = Handover(server)

    def open(
        self,
        page: Any,
        user: int,
        url: str | None,
        *,
        inject: bool,
        starts: bool = True,
        timeout_s: float = WAIT_S,
    ) -> Steps[Tab]:
        """Open an address in a page, and wait until its client is connected, as both ends see it."""
        check_user(user)
        surface = surface_of(page)
        tab = yield from self._tab(surface, user)
        if url is None:
            address = self._own_page(user, starts=starts)
        else:
            address = self._address(url, user)
            ours = self._is_ours(address)
            if inject:
                script = init_script(self._bundle, user, self.server.url, on_server=ours, starts=starts)
                yield lambda: surface.prepare(home_script(tab.home) + script)
            elif surface.prepares:
                yield lambda: surface.prepare(home_script(tab.home) + recorder())
            if ours or not inject:
                self._serve(self._scripts())
        if self.clock is not None and hasattr(page, "context"):
            self.clock.attach(page.context)
        answer = yield lambda: surface.goto(address)
        if getattr(answer, "status", None) == HTTPStatus.NOT_FOUND and self._is_ours(address):
            raise NotConnectedError(
                f"{tab.name}: the server has no page at {url}: correct that, or give it one by add_page()"
            )
        if not surface.prepares:
            yield lambda: surface.evaluate(_RECORD)
        if self.clock is not None:
            # On a clock that stands still nothing is called unless it is told to.
            self.clock.settle()
        yield from self._connect(tab, starts=starts, timeout_s=timeout_s)
        return tab

    def attach(self, page: Any, user: int, *, starts: bool, timeout_s: float = WAIT_S) -> Steps[Tab]:
        """Watch a page that is open already."""
        check_user(user)
        surface = surface_of(page)
        tab = yield from self._tab(surface, user)
        yield lambda: surface.evaluate(_RECORD)
        yield from self._connect(tab, starts=starts, timeout_s=timeout_s)
        return tab

    def end(self) -> None:
        """Nobody will look at the pages any more."""
        for tab in self.tabs:
            tab.ended = True

    def tabs_of(self, page: Any = None, user: int | None = None) -> list[Tab]:
        """The tabs that are meant: of a page, of a user, or all.

        Raises:
            ValueError: There is no such page here.
        """
        tabs = [
            tab
            for tab in self.tabs
            if (page is None or tab.surface.native is page) and (user is None or tab.user == user)
        ]
        if not tabs and (page is not None or user is not None):
            known = ", ".join(tab.name for tab in self.tabs) or "none"
            what = "the page given" if page is not None else f"a page of user {user}"
            raise ValueError(f"{what} was not opened by this harness; known pages: {known}")
        return tabs

    def _tab(self, surface: Surface, user: int) -> Steps[Tab]:
        """The tab of a page: a new one, unless the page was opened for this user before."""
        for tab in self.tabs:
            if tab.surface.native is surface.native and not tab.is_closed():
                # What is not fetched now would be the next one's.
                yield from tab.fetch()
                if tab.user == user:
                    return tab
                tab.left = True
        tab = Tab(surface, user, self._name(user), self._handover)
        surface.before_leaving(tab.fetch_last)
        self.tabs.append(tab)
        return tab

    def _connect(self, tab: Tab, *, starts: bool, timeout_s: float) -> Steps[None]:
        try:
            yield from tab.connect(timeout_s, starts=starts)
            connections = yield from self._connections(tab)
            self.server.wait_connected(tab.user, connections, timeout_s)
        except (NotConnectedError, TimeoutError) as error:
            info = None
            with suppress(Exception):  # whatever else is wrong with the page
                info = yield from tab.debug_info()
            raise NotConnectedError(f"{error}\n{_facts(info, self.server)}") from None

    def _connections(self, newest: Tab) -> Steps[int]:
        """How many its user has at least: of pages whose client the test has not ended."""
        count = 1
        for tab in () if self._bundle.is_shared else self.tabs:
            if tab is not newest and tab.user == newest.user and not tab.is_closed():
                yield from tab.fetch()
                count += tab.connected
        return count

    def _name(self, user: int) -> str:
        who = f"user {user}" if user > 0 else f"guest {user}"
        number = sum(tab.user == user for tab in self.tabs) + 1
        return who if number == 1 else f"{who}, tab {number}"

    def _address(self, url: str, user: int) -> str:
        """A full address; pages of the server say in the query whose they are."""
        address = urljoin(f"{self.server.url}/", url)
        if not self._is_ours(address) or user <= 0 or f"{USER_FIELD}=" in address:
            return address
        parts = urlsplit(address)
        query = "&".join(filter(None, (parts.query, f"{USER_FIELD}={user}")))
        return parts._replace(query=query).geturl()

    def _is_ours(self, address: str) -> bool:
        return urlsplit(address).netloc == urlsplit(self.server.url).netloc

    def _own_page(self, user: int, *, starts: bool) -> str:
        name = f"user/{user}" if starts else f"user/{user}/waiting"
        path = f"{FOLDER}/{name}.html"
        self._serve(
            {path: (_HTML, page_html(name, user, self._bundle.inline, starts=starts)), **self._scripts()}
        )
        return f"{self.server.url}{path}?{USER_FIELD}={user}" if user > 0 else f"{self.server.url}{path}"

    def _scripts(self) -> dict[str, tuple[str, str]]:
        """Path to content type and content."""
        scripts = {f"{FOLDER}/recorder.js": (_JAVASCRIPT, recorder())}
        for name, code in self._bundle.scripts.items():
            is_worker = name != BUNDLE_NAME
            prefix = self.clock.worker_prefix if self.clock is not None and is_worker else ""
            scripts[f"{FOLDER}/{name}"] = (_JAVASCRIPT, prefix + code)
        return scripts

    def _serve(self, pages: dict[str, tuple[str, str]]) -> None:
        """Again for each page, since a server that was reset has none; all in one turn of its thread."""

        async def add(server: AsyncPushServer) -> None:
            for path, (content_type, content) in pages.items():
                await server.add_page(path, content_type, content)

        self.server.call(add)


def _facts(info: dict[str, Any] | None, server: PushServer) -> str:
    """What page and server know of a connection that does not come about."""
    lines = ["the client says:", *(f"  {name}: {value}" for name, value in (info or {}).items())]
    requests: Iterable[Any] = server.requests[-10:]
    lines += ["the server has seen:", *(f"  {entry}" for entry in requests)]
    return "\n".join(lines)
