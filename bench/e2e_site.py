"""A page on a push server, and what it hears of what a back end publishes there: for bench/e2e.py."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import TYPE_CHECKING, Any

from bench.back_end import BackEnd, composer
from bench.subscriber import subscribe_path

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

USER = 1
# Format to the version that sends it, and what a page asks for to get it.
FORMATS: dict[str, tuple[int, dict[str, str]]] = {
    "text": (3, {}),
    "protobuf": (4, {"binaryMode": "true"}),
    "jsonrpc": (5, {"jsonRpc": "true"}),
}
PATIENCE_MS = 60_000
# About what an event of a chat has.
TEXT = "The quick brown fox jumps over the lazy dog. " * 3


class Site:
    """One server, and a page on it that hears what a back end publishes there.

    Args:
        mode: The format of what is sent.
        server: The port of the push server, whose page is opened, and its config.
        relay_port: Where the bare relay is; None: the push server itself carries the events.
    """

    def __init__(
        self, browser: Browser, mode: str, server: tuple[int, dict[str, Any]], relay_port: int | None = None
    ) -> None:
        self._browser = browser
        self._mode = mode
        self._port, self._config = server
        self._event_port = relay_port or self._port
        version, flags = FORMATS[mode]
        channel = self._config["channels"]["private"]["id"].partition(".")[0].partition(":")[0]
        self._request = composer(version, USER, channel)
        self._address = f"ws://127.0.0.1:{self._event_port}{subscribe_path(self._config, **flags)}"

    async def late(self, seconds: float, rate: int, *, client: bool) -> dict[str, Any]:
        """How late events are at so many a second, in ms."""
        async with BackEnd(self._event_port) as back_end:
            page = await self._open()
            await (page.evaluate("e2e.client()") if client else self._bare(page, self._address))
            # The first ones, for which code is compiled, do not count.
            await self._publish(back_end, rate, rate)
            await self._heard(page, rate)
            error = await _clock_error(page)
            count = int(seconds * rate)
            await self._publish(back_end, count, rate)
            heard = await self._heard(page, count)
            await page.close()
        late = [ms - error for ms in heard["late"]]
        percent = statistics.quantiles(late, n=100)
        found = {"p50": percent[49], "p99": percent[98], "max": max(late), "clock_error": error}
        return {**found, "events": count, "lost": count - len(late), "wrong": heard["wrong"]}

    async def resume(self, count: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """How many ms the client, and a bare page with the same address, need for so many missed events."""
        async with BackEnd(self._port) as back_end:
            page = await self._open()
            await page.evaluate("e2e.client()")
            await self._publish(back_end, 1, 0)
            await self._heard(page, 1)
            await page.evaluate("e2e.leave()")
            await self._publish(back_end, count, 0)
            await page.evaluate("e2e.comeBack()")
            ours = await self._heard(page, count)
            address = await page.evaluate("e2e.address()")
            await page.close()
            page = await self._open()
            await self._bare(page, address)
            bare = await self._heard(page, count)
            await page.close()
        return ours, bare

    async def _open(self) -> Page:
        page = await self._browser.new_page()
        await page.goto(f"http://127.0.0.1:{self._port}/")
        return page

    async def _bare(self, page: Page, address: str) -> None:
        await page.evaluate("([address, mode]) => e2e.bare(address, mode)", [address, self._mode])

    async def _publish(self, back_end: BackEnd, count: int, rate: int) -> None:
        """Publishes at this rate, whether answers come or not; 0: as fast as answers come."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        sent = set()
        for n in range(count):
            if rate:
                await asyncio.wait([loop.create_future()], timeout=max(0, began + n / rate - loop.time()))
            event = {"module_id": "bench", "command": "check", "extra": {"server_name": "bench"}}
            params = {"n": n, "at": _now(), "text": TEXT}
            sending = back_end.send(self._request({**event, "params": params}))
            if rate:
                sent.add(asyncio.create_task(sending))
            else:
                await sending
        await asyncio.gather(*sent)

    @staticmethod
    async def _heard(page: Page, count: int) -> dict[str, Any]:
        await page.wait_for_function("n => e2e.count() >= n", arg=count, timeout=PATIENCE_MS)
        taken: dict[str, Any] = await page.evaluate("e2e.take()")
        return taken


def _now() -> float:
    return time.time_ns() / 1e6


async def _clock_error(page: Page) -> float:
    """By how many ms the page's clock is surely ahead of ours, or behind (negative)."""
    brackets = []
    for _ in range(20):
        before = _now()
        theirs = await page.evaluate("e2e.now()")
        brackets.append((_now() - before, before, theirs))
    width, before, theirs = min(brackets)
    return float(min(0, theirs - before) + max(0, theirs - before - width))
