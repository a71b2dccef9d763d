"""The main job in one command: build the client, serve it, open it in a browser, send one event of each kind.

``make demo`` runs it; ``make demo KEEP=1`` leaves the server up for a browser of your own. Exit code 0: every
event reached every handler it should; 1: one did not, or something this needs is missing; both are said.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from playwright.async_api import async_playwright
from rich.console import Console

import bxpull
from bxpull_server import AsyncPushServer, PushServerError
from bxpull_server.harness.browsers import NAMES, BrowserMissingError, find_browser, launch_options
from tools.demo_events import EVENTS, GUEST, USER, DemoError, Event, Seen, expected, who
from tools.demo_report import page_url, report, say, show_how_to_send

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "demo"
WAIT_MS = 15_000
PLAIN_WIDTH = 120  # of the output when it goes to no terminal


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
