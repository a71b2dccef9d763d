"""From publishing over HTTP to the handler in Chromium: how late, and how soon what was missed is there.

``make bench-e2e`` prints two tables and writes JSON. *Late* is the time from the moment before a back end
writes its request to the handler's call, at a fixed rate, whether or not the events before were answered.
*Resume* is the time from the moment a page that was away asks for its socket to the call for the last event
that it missed. Server, back end and browser are processes of their own. The floors take turns with the
client: a page with a bare socket and a bare decoder on the same server, and, for *late*, on a bare relay.
Exits with 1 if an event was lost, came twice or out of order.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

import bxpull
from bench import results
from bench.back_end import KEY, BackEnd, composer
from bench.bare_relay import relay
from bench.subscriber import subscribe_path
from bxpull_server import AsyncPushServer
from bxpull_server.harness.browsers import launch_options

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from playwright.async_api import Browser, Page

HERE = Path(__file__).resolve().parent
USER = 1
# Format to the version that sends it, and what a page asks for to get it.
FORMATS: dict[str, tuple[int, dict[str, str]]] = {
    "text": (3, {}),
    "protobuf": (4, {"binaryMode": "true"}),
    "jsonrpc": (5, {"jsonRpc": "true"}),
}
RELAY, BARE, CLIENT = "bare page, bare relay", "bare page", "client"
GOALS = {"p50": 3, "p99": 10, "resume": 1000}
PATIENCE_MS = 60_000
# About what an event of a chat has.
TEXT = "The quick brown fox jumps over the lazy dog. " * 3
SCRIPTS = ("bare.js", "e2e.js", "bxpull.js")
PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>bench</title>{}</head></html>\n'


def serve(pipe: Connection, version: int, folder: str) -> None:
    """A push server, or for version 0 the bare relay; until told to end."""
    logging.disable(logging.WARNING)
    asyncio.run(_serve(pipe, version, folder) if version else relay(pipe))


async def _serve(pipe: Connection, version: int, folder: str) -> None:
    scripts = "".join(f'<script src="{name}"></script>' for name in SCRIPTS)
    async with AsyncPushServer(
        server_version=version,
        signature_key=KEY,
        host_id="bench",
        user=USER,
        static=folder,
        pages={"/": ("text/html; charset=utf-8", PAGE.format(scripts))},
    ) as server:
        pipe.send((server.port, await server.config(USER)))
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)


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


async def run(modes: list[str], seconds: float, rate: int, missed: int, rounds: int) -> dict[str, Any]:
    """All in turns, so many times."""
    late: list[dict[str, Any]] = []
    resumed: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        bxpull.build(out=folder, demo=False)
        shutil.copy(HERE / "client_page" / "bare.js", folder)
        shutil.copy(HERE / "e2e_page" / "e2e.js", folder)
        pipes = {}
        for name, version in {RELAY: 0, **{mode: FORMATS[mode][0] for mode in modes}}.items():
            pipes[name], theirs = multiprocessing.Pipe()
            multiprocessing.Process(target=serve, args=(theirs, version, folder), daemon=True).start()
        told = {name: pipe.recv() for name, pipe in pipes.items()}
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options("chromium"))
            used = f"chromium {browser.version}"
            # The relay sends text; its page comes from whichever server there is.
            floor = Site(browser, "text", told[modes[0]], told[RELAY])
            for turn in range(rounds):
                row = await floor.late(seconds, rate, client=False)
                late.append({"round": turn, "format": "text", "who": RELAY, **row})
                for mode in modes:
                    site = Site(browser, mode, told[mode])
                    for who in (BARE, CLIENT):
                        row = await site.late(seconds, rate, client=who == CLIENT)
                        late.append({"round": turn, "format": mode, "who": who, **row})
                    for who, heard in zip((CLIENT, BARE), await site.resume(missed), strict=True):
                        row = {
                            "ms": heard["took"],
                            "lost": missed - len(heard["late"]),
                            "wrong": heard["wrong"],
                        }
                        resumed.append({"round": turn, "format": mode, "who": who, "events": missed, **row})
            await browser.close()
        for pipe in pipes.values():
            pipe.send(None)
    return {"browser": used, "late": late, "resume": resumed}


def _median(rows: list[dict[str, Any]], key: str, **which: str) -> float:
    return float(
        statistics.median(
            row[key] for row in rows if all(row[name] == value for name, value in which.items())
        )
    )


def show(found: dict[str, Any], modes: list[str], rate: int, missed: int, rounds: int) -> None:
    """Both tables."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    late, resumed = found["late"], found["resume"]
    title = f"Late at {rate} events/s, ms; goal: p50 {GOALS['p50']}, p99 {GOALS['p99']}"
    table = Table(title=f"{title}; medians of {rounds}")
    for name in ("Format", "Who", "p50", "p99", "Longest", "p50, times the relay's", "p99", "Lost, wrong"):
        table.add_column(name, justify="left" if name in ("Format", "Who") else "right")
    for mode, who in (("text", RELAY), *((mode, who) for mode in modes for who in (BARE, CLIENT))):
        p50, p99, most = (_median(late, key, format=mode, who=who) for key in ("p50", "p99", "max"))
        ratios = (
            f"{value / _median(late, key, who=RELAY):.2f}" for key, value in (("p50", p50), ("p99", p99))
        )
        bad = sum(r["lost"] + r["wrong"] for r in late if (r["format"], r["who"]) == (mode, who))
        table.add_row(mode, who, f"{p50:.2f}", f"{p99:.2f}", f"{most:.1f}", *ratios, f"{bad:,}")
    console.print(table)
    table = Table(
        title=f"{missed:,} missed events, ms from connect to the last handler; goal {GOALS['resume']:,}"
    )
    for name in ("Format", "Bare page", "Client", "Times the bare page", "Lost, wrong"):
        table.add_column(name, justify="left" if name == "Format" else "right")
    for mode in modes:
        bare, ours = (_median(resumed, "ms", format=mode, who=who) for who in (BARE, CLIENT))
        bad = sum(row["lost"] + row["wrong"] for row in resumed if row["format"] == mode)
        table.add_row(mode, f"{bare:,.0f}", f"{ours:,.0f}", f"{ours / bare:.2f}", f"{bad:,}")
    console.print(table)


def main() -> int:
    """Run, and tell."""
    parser = argparse.ArgumentParser(description="From publishing over HTTP to the handler in Chromium.")
    parser.add_argument("--seconds", type=float, default=5, help="of each run; default: %(default)s")
    parser.add_argument("--rate", type=int, default=100, help="events a second; default: %(default)s")
    parser.add_argument("--missed", type=int, default=10_000, help="events; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--format", action="append", choices=FORMATS, help="only these")
    given = parser.parse_args()
    modes = given.format or list(FORMATS)
    print(results.machine())
    found = asyncio.run(run(modes, given.seconds, given.rate, given.missed, given.rounds))
    show(found, modes, given.rate, given.missed, given.rounds)
    results.write("e2e", found)
    return int(any(row["lost"] or row["wrong"] for row in [*found["late"], *found["resume"]]))


if __name__ == "__main__":
    sys.exit(main())
