"""From publishing over HTTP to the handler in Chromium: how late, and how soon what was missed is there.

``make bench-e2e`` prints two tables and writes JSON. *Late* is the time from the moment before a back end
writes its request to the handler's call, at a fixed rate, whether or not the events before were answered.
*Resume* is the time from the moment a page that was away asks for its socket to the call for the last event
that it missed. Server, back end and browser are processes of their own. The floors take turns with the
client: a page with a bare socket and a bare decoder on the same server, and, for *late*, on a bare relay.
Exits with 1 if an event was lost, came twice or out of order.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

import bxpull
from bench import results
from bench.back_end import KEY
from bench.bare_relay import relay
from bench.e2e_site import FORMATS, USER, Site
from bench.processes import serving
from bxpull_server import AsyncPushServer
from bxpull_server.harness.browsers import launch_options

if TYPE_CHECKING:
    import argparse
    from multiprocessing.connection import Connection

HERE = Path(__file__).resolve().parent
RELAY, BARE, CLIENT = "bare page, bare relay", "bare page", "client"
GOALS = {"p50": 3, "p99": 10, "resume": 1000}
SCRIPTS = ("bare.js", "e2e.js", "bxpull.js")
PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>bench</title>{}</head></html>\n'


async def serve(pipe: Connection, version: int, folder: str) -> None:
    """A push server, or for version 0 the bare relay; until told to end."""
    await (_serve(pipe, version, folder) if version else relay(pipe))


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


async def run(modes: list[str], seconds: float, rate: int, missed: int, rounds: int) -> dict[str, Any]:
    """All in turns, so many times."""
    late: list[dict[str, Any]] = []
    resumed: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        bxpull.build(out=folder, demo=False)
        shutil.copy(HERE / "client_page" / "bare.js", folder)
        shutil.copy(HERE / "e2e_page" / "e2e.js", folder)
        versions = {RELAY: 0, **{mode: FORMATS[mode][0] for mode in modes}}
        pipes = {
            name: servers.enter_context(serving(serve, version, folder)) for name, version in versions.items()
        }
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
    return {"browser": used, "late": late, "resume": resumed}


def _median(rows: list[dict[str, Any]], key: str, **which: str) -> float:
    return float(
        statistics.median(
            row[key] for row in rows if all(row[name] == value for name, value in which.items())
        )
    )


def show(found: dict[str, Any], modes: list[str], given: argparse.Namespace) -> None:
    """Both tables."""
    late, resumed = found["late"], found["resume"]
    lines = []
    for mode, who in (("text", RELAY), *((mode, who) for mode in modes for who in (BARE, CLIENT))):
        p50, p99, most = (_median(late, key, format=mode, who=who) for key in ("p50", "p99", "max"))
        floors = (_median(late, key, who=RELAY) for key in ("p50", "p99"))
        ratios = (f"{value / floor:.1f}" for value, floor in zip((p50, p99), floors, strict=True))
        bad = sum(row["lost"] + row["wrong"] for row in late if (row["format"], row["who"]) == (mode, who))
        lines.append((mode, who, f"{p50:.1f}", f"{p99:.1f}", f"{most:.0f}", *ratios, f"{bad:,}"))
    title = f"ms late at {given.rate} events/s; aim: p50 {GOALS['p50']}, p99 {GOALS['p99']}"
    columns = ("Format", "Who", "p50", "p99", "Longest", "p50, times the relay", "p99", "Lost or wrong")
    results.tell("e2e", f"{title}; medians of {given.rounds}", columns, lines, given)
    short = []
    for mode in modes:
        bare, ours = (_median(resumed, "ms", format=mode, who=who) for who in (BARE, CLIENT))
        bad = sum(row["lost"] + row["wrong"] for row in resumed if row["format"] == mode)
        short.append((mode, f"{bare:,.0f}", f"{ours:,.0f}", f"{ours / bare:.2f}", f"{bad:,}"))
    title = f"{given.missed:,} missed events, ms from connect to the last handler; aim: {GOALS['resume']:,}"
    names = ("Format", "Bare page", "Client", "Times the bare page", "Lost or wrong")
    results.tell("resume", f"{title}; medians of {given.rounds}", names, short, given)


def main() -> int:
    """Run, and tell."""
    parser = results.parser("From publishing over HTTP to the handler in Chromium.")
    parser.add_argument("--seconds", type=float, default=3, help="of each run; default: %(default)s")
    parser.add_argument("--rate", type=int, default=100, help="events a second; default: %(default)s")
    parser.add_argument("--missed", type=int, default=10_000, help="events; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--format", action="append", choices=FORMATS, help="only these")
    given = parser.parse_args()
    modes = given.format or list(FORMATS)
    results.machine()
    found = asyncio.run(run(modes, given.seconds, given.rate, given.missed, given.rounds))
    show(found, modes, given)
    results.write("e2e", found)
    return int(any(row["lost"] or row["wrong"] for row in [*found["late"], *found["resume"]]))


if __name__ == "__main__":
    sys.exit(main())
