"""The main job in one command: build the client, serve it, open it in a browser, send one event of each kind.

``make demo`` runs it; ``make demo KEEP=1`` leaves the server up for a browser of your own. Exit code 0: every
event reached every handler it should; 1: one did not, or something this needs is missing; both are said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table
from rich.text import Text

import bxpull
from bxpull_server import AsyncPushServer, PushServerError
from bxpull_server.harness.browsers import NAMES, BrowserMissingError, find_browser, launch_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playwright.async_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "demo"
USER, GUEST = 1, -1
WAIT_MS = 15_000
PLAIN_WIDTH = 120  # of the output when it goes to no terminal


class DemoError(Exception):
    """The demo did not show what it should; the text says what was missing."""


@dataclass(frozen=True)
class Event:
    """One event of the demo, and the handlers of the demo page that must see it.

    Attributes:
        kind: What it shows.
        target: The user or (negative) guest it is for; None: everybody.
        module: Its module.
        command: Its command.
        params: Its params.
        handlers: Names as for ``BX.addCustomEvent``.
        sender: The user whose page sends it; None: the back end does.
    """

    kind: str
    target: int | None
    module: str
    command: str
    params: dict[str, Any]
    handlers: tuple[str, ...]
    sender: int | None = None

    def is_for(self, visitor: int) -> bool:
        """Whether this visitor's page must see it."""
        return self.target in (visitor, None)


EVENTS = (
    Event(
        kind="private, module test",
        target=USER,
        module="test",
        command="hello",
        params={"text": "Only user 1 sees this."},
        handlers=("onPullEvent-test", "onPullEvent", "onPull-test", "onPull"),
    ),
    Event(
        kind="private, module main",
        target=USER,
        module="main",
        command="check",
        params={"a": 1},
        handlers=("onPullEvent-main", "onPullEvent", "onPull-main", "onPull"),
    ),
    Event(
        kind="online presence",
        target=USER,
        module="online",
        command="user_status",
        params={"users": {"2": {"status": "online"}}},
        handlers=("onPullOnlineEvent", "onPullOnline"),
    ),
    Event(
        kind="guest -1",
        target=GUEST,
        module="test",
        command="welcome",
        params={"text": "Only guest -1 sees this."},
        handlers=("onPullEvent-test", "onPullEvent", "onPull-test", "onPull"),
    ),
    Event(
        kind="sent by a page",
        target=USER,
        module="test",
        command="wave",
        params={"text": "The page of user 1 sent this."},
        handlers=("onPullClientEvent-test", "onPullClientEvent", "onPullClient-test", "onPullClient"),
        sender=USER,
    ),
    # Last: what was not for a page would have reached it before this one.
    Event(
        kind="shared",
        target=None,
        module="test",
        command="news",
        params={"text": "Everybody sees this."},
        handlers=("onPullEvent-test", "onPullEvent", "onPull-test", "onPull"),
    ),
)


@dataclass
class Seen:
    """What one page's handlers received.

    Attributes:
        visitor: Whose page it is.
        calls: ``{"handler": …, "args": […]}`` each, in the order of the calls.
        debug: ``BX.PULL.getDebugInfo()``.
    """

    visitor: int
    calls: list[dict[str, Any]]
    debug: dict[str, Any] = field(default_factory=dict)


def called(call: dict[str, Any]) -> tuple[str, str, str, Any, Any]:
    """Handler, module, command, params and extra of a call, whatever the handler's arguments are."""
    name, args = call["handler"], call["args"]
    family, _, module = name.partition("-")
    if family in ("onPullEvent", "onPullClientEvent"):
        return (name, module, *args) if module else (name, *args)
    if name == "onPullOnlineEvent":
        return name, "online", *args
    data = args[0]
    module = "online" if name == "onPullOnline" else data["module_id"]
    return name, module, data["command"], data["params"], data["extra"]


def expected(visitor: int, events: Iterable[Event] = EVENTS) -> list[tuple[str, str, str, Any]]:
    """Handler, module, command and params of every call that this visitor's page must see."""
    return [
        (handler, event.module, event.command, event.params)
        for event in events
        if event.is_for(visitor)
        for handler in event.handlers
    ]


def differences(seen: Seen) -> list[str]:
    """A sentence for each call that is missing and for each that should not be there."""
    wanted = expected(seen.visitor)
    got = [called(call)[:4] for call in seen.calls]
    sentences = []
    for handler, module, command, params in wanted:
        if (handler, module, command, params) in got:
            got.remove((handler, module, command, params))
        else:
            sentences.append(f"{who(seen.visitor)}: {handler} did not get {module}/{command}")
    for handler, module, command, _params in got:
        sentences.append(f"{who(seen.visitor)}: {handler} got {module}/{command}, which it should not")
    return sentences


def who(visitor: int) -> str:
    """The visitor in words."""
    return f"guest {visitor}" if visitor < 0 else f"user {visitor}"


async def publish(server: AsyncPushServer, pages: dict[int, Page], event: Event) -> None:
    """Send an event as a portal or a page does."""
    fields: dict[str, Any] = {"module_id": event.module, "command": event.command, "params": event.params}
    if event.sender is not None:
        await pages[event.sender].evaluate(
            "([user, e]) => BX.PULL.sendMessage([user], e.module_id, e.command, e.params)",
            [event.target, fields],
        )
    elif event.target is None:
        await server.add_shared(**fields)
    else:
        await server.add_by_user(event.target, **fields)


async def open_page(browser: Browser, server: AsyncPushServer, visitor: int) -> Page:
    """A page of this visitor, connected."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await page.goto(page_url(server, visitor))
    try:
        await page.wait_for_function("window.BX && BX.PULL && BX.PULL.isConnected()", timeout=WAIT_MS)
    except PlaywrightTimeoutError:
        said = "".join(f"\n  {problem}" for problem in problems)
        raise DemoError(
            f"the page of {who(visitor)} did not connect within {WAIT_MS // 1000} s{said}"
        ) from None
    return page


def page_url(server: AsyncPushServer, visitor: int) -> str:
    """Address of the demo page as this visitor."""
    return f"{server.url}/demo.html?bxpull_user={visitor}"


async def watch(page: Page, visitor: int) -> Seen:
    """Wait until the page's handlers had all their calls, then collect them."""
    # As many as expected; which ones is compared here, where the difference can be told.
    with suppress(PlaywrightTimeoutError):
        await page.wait_for_function(
            "n => bxpullDemo.events.filter(e => e.handler !== 'onPullStatus').length >= n",
            arg=len(expected(visitor)),
            timeout=WAIT_MS,
        )
    calls = await page.evaluate("bxpullDemo.events.filter(e => e.handler !== 'onPullStatus')")
    return Seen(visitor, calls, await page.evaluate("BX.PULL.getDebugInfo()"))


async def run_browser(browser: Browser, server: AsyncPushServer, screenshot: Path) -> list[Seen]:
    """One page for the user, one for the guest; one event of each kind; a picture of the user's page."""
    pages = {visitor: await open_page(browser, server, visitor) for visitor in (USER, GUEST)}
    for event in EVENTS:
        await publish(server, pages, event)
    seen = [await watch(page, visitor) for visitor, page in pages.items()]
    await pages[USER].bring_to_front()
    await pages[USER].click("#refresh")
    # What would have to be scrolled into view is to be in the picture too.
    await pages[USER].add_style_tag(content=".scroll { max-height: none }")
    screenshot.parent.mkdir(parents=True, exist_ok=True)
    await pages[USER].screenshot(path=screenshot, full_page=True)
    return seen


def make_table(title: str) -> Table:
    """A table under its title."""
    return Table(title=f"\n{title}", title_justify="left", title_style="bold")


def show_calls(console: Console, seen: Seen) -> None:
    """The table of what a page's handlers received."""
    table = make_table(f"What the handlers of {who(seen.visitor)}'s page received")
    table.add_column("Event", no_wrap=True)
    table.add_column("Handler", no_wrap=True)
    table.add_column("Arguments", overflow="fold")
    last = ""
    for call in seen.calls:
        handler, module, command, _params, extra = called(call)
        kind = next(
            (event.kind for event in EVENTS if (event.module, event.command) == (module, command)), "?"
        )
        if last not in ("", kind):
            table.add_section()
        # Extra is alike for all of them, and long.
        arguments = ", ".join(json.dumps(arg).replace(json.dumps(extra), "{…}") for arg in call["args"])
        table.add_row(*(Text(cell) for cell in ("" if kind == last else kind, handler, arguments)))
        last = kind
    console.print(table)
    if seen.calls:
        keys = ", ".join(called(seen.calls[-1])[4])
        say(console, f"{{…}} is extra: {keys}")


def show_debug(console: Console, seen: Seen) -> None:
    """The table of a page's debug info."""
    table = make_table(f"BX.PULL.getDebugInfo() there ({who(seen.visitor)})")
    table.add_column("Key", no_wrap=True)
    table.add_column("Value", overflow="fold")
    for key, value in seen.debug.items():
        table.add_row(Text(key), Text(value if isinstance(value, str) else json.dumps(value)))
    console.print(table)


def show_how_to_send(console: Console, server: AsyncPushServer) -> None:
    """What to open, and two ways to send an event."""
    params = json.dumps({"a": 1})
    event = json.dumps({"user": USER, "module": "main", "command": "check", "params": {"a": 1}})
    python = [
        "import json; from urllib.request import Request, urlopen",
        f"event = {event}",
        'headers = {"Content-Type": "application/json"}',
        f'urlopen(Request("{server.url}/control/send", json.dumps(event).encode(), headers))',
    ]
    lines = [
        "",
        "The server stays up. Open:",
        *(f"  {page_url(server, visitor)}" for visitor in (USER, 2, GUEST)),
        "",
        "Send an event, and see what passes:",
        f"  bxpull send --url {server.url} --user {USER} main check {shlex.quote(params)}",
        f"  bxpull tail --url {server.url}",
        "",
        "or with Python:",
        *(f"  {line}" for line in python),
        "",
        "Stop with Ctrl+C.",
    ]
    for line in lines:
        say(console, line)


async def demo(
    console: Console, browser_name: str, staying: asyncio.Event, *, headed: bool, keep: bool
) -> None:
    """All of it; ``staying`` is set once the work is done and only the server goes on.

    Raises:
        DemoError: A handler did not get what it should.
    """
    started = time.perf_counter()
    built = bxpull.build(out=OUT / "site", minify=True, sourcemap="linked")
    size = f"{built.bundle.bytes:,} bytes, {built.bundle.gzip_bytes:,} gzipped"
    say(console, f"built       {shown(built.bundle.path)}: {size} ({built.engine} engine)")
    # The driver would close the browser on Ctrl+C before we can.
    launch = launch_options(browser_name, whole=headed) | {"headless": not headed, "handle_sigint": False}
    async with AsyncPushServer(user=USER, static=OUT / "site") as server:
        say(console, f"serving     {server.url}")
        async with async_playwright() as playwright:
            browser = await getattr(playwright, browser_name).launch(**launch)
            try:
                say(console, f"opened      {browser_name} {browser.version}")
                seen = await run_browser(browser, server, OUT / "screenshot.png")
                say(console, f"screenshot  {shown(OUT / 'screenshot.png')}")
                report(console, seen, time.perf_counter() - started)
                if keep and headed:
                    await stay(console, server, staying)
            finally:
                await browser.close()
        if keep and not headed:
            await stay(console, server, staying)


async def stay(console: Console, server: AsyncPushServer, staying: asyncio.Event) -> None:
    """Say what one can do with the server, and wait for Ctrl+C."""
    show_how_to_send(console, server)
    staying.set()
    await asyncio.Event().wait()


def report(console: Console, seen: Sequence[Seen], seconds: float) -> None:
    """What was received, the user's debug info, and the verdict.

    Raises:
        DemoError: Names what was missing.
    """
    for page in seen:
        show_calls(console, page)
    show_debug(console, seen[0])
    problems = [sentence for page in seen for sentence in differences(page)]
    if problems:
        raise DemoError("\n".join(problems))
    calls = sum(len(page.calls) for page in seen)
    text = f"All {len(EVENTS)} events reached their handlers: {calls} calls, {seconds:.1f} s in all."
    console.print(Text(f"\n{text}", style="bold green"))


def say(console: Console, line: str) -> None:
    """One line as it is: never folded, so that it can be copied."""
    console.print(line, soft_wrap=True, markup=False, highlight=False)


def shown(path: Path) -> str:
    """A path as one would type it in this repository."""
    return path.relative_to(ROOT).as_posix()


def choose_browser(wanted: str | None) -> str:
    """The browser asked for, else the first one there is; without any, the one whose absence is told."""
    found = [name for name in NAMES if find_browser(name).found]
    return wanted or (found or NAMES)[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build, serve, open a page, send one event of each kind.")
    parser.add_argument("--keep", action="store_true", help="leave the server up afterwards, until Ctrl+C")
    parser.add_argument("--headed", action="store_true", help="show the browser")
    parser.add_argument("--browser", choices=NAMES, help="default: the first one found")
    given = parser.parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    staying = asyncio.Event()
    try:
        name = choose_browser(given.browser)
        asyncio.run(demo(console, name, staying, headed=given.headed, keep=given.keep))
    except KeyboardInterrupt:
        console.print("\nstopped")
        return 0 if staying.is_set() else 130
    except (DemoError, BrowserMissingError, bxpull.BxpullError, PushServerError, PlaywrightError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
