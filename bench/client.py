"""What an event costs the browser: the client, beside a bare decoder of the same frames, in one page.

``python -m bench.client`` prints a table and writes JSON. Frames are those that the server's codecs make. A
bare decoder (``client_page/bare.js``) is the least that turns them into handler calls: it looks for no
duplicates, copies nothing and catches nothing. Both take turns; what is told is CPU time of the page's main
thread for one event, medians, and the median of the ratios within the rounds; and the longest time between
two turns of the page, the median of the rounds: what a burst leaves it.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
import struct
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

import bxpull
from bench.results import parser, tell, write
from bxpull_server import PushServer
from bxpull_server.clock import SystemClock
from bxpull_server.event_writer import EventWriter
from bxpull_server.harness.browsers import launch_options
from bxpull_server.protocol.codecs import JSON_RPC, PROTOBUF, TEXT
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.mids import MidSource
from bxpull_server.revisions import Revisions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from playwright.sync_api import CDPSession, Page

# By number of handlers and client, of each round.
Rounds = dict[tuple[int, str], list[float]]

HERE = Path(__file__).resolve().parent
CODECS = {"text": TEXT, "protobuf": PROTOBUF, "jsonrpc": JSON_RPC}
VERSIONS = {"text": 3, "protobuf": 4, "jsonrpc": 5}
GOAL = 1.3
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>bench</title>
<script src="bare.js"></script><script src="bench.js"></script><script src="bxpull.js"></script></head>
<body></body></html>
"""


def small(n: int) -> dict[str, Any]:
    """Params of 80 to 90 bytes."""
    return {
        "n": n,
        "dialogId": f"chat{1000 + n % 97}",
        "userId": n % 500,
        "unread": True,
        "counter": 5,
        "text": "ok",
    }


def large(n: int) -> dict[str, Any]:
    """Params of about 2 KB, four levels deep, as an event of a chat has."""
    user = {
        "name": "Ольга Кузнецова",
        "active": True,
        "avatar": "/upload/main/107/avatar_107.png",
        "departments": [1, 7, 21],
        "status": {"value": "online", "mobile": False, "lastActivity": "2026-01-15T10:20:30+00:00"},
    }
    text = "Коллеги, напоминаю: встреча сегодня в 15:30, ссылка в календаре. " * 3
    attached = {"grid": [{"name": "Подготовить договор и счёт", "value": str(n), "display": "line"}]}
    return {
        "n": n,
        "chatId": n % 50,
        "message": {
            "id": 900_000 + n,
            "text": text,
            "params": {"ATTACH": [{"id": n % 7, "blocks": [attached]}], "LIKE": [1, 2, 3, 5, 8]},
        },
        "chat": {
            "title": "Отдел продаж",
            "entity": {"type": "TASKS", "id": str(n % 1000), "data": {"stage": 4, "deadline": None}},
            "counters": {"all": n % 90, "chat": 12, "unread": [10, 11, 12, 13, 14, 15, 16]},
        },
        "users": {str(number): {"id": number, **user} for number in range(1, 4)},
        "files": [{"id": 7000 + n, "name": f"report-{n}.xlsx", "size": 182_733, "progress": 100}],
        "notify": True,
    }


@dataclass(frozen=True)
class Cell:
    """One combination that is measured.

    Attributes:
        mode: Name of a codec.
        shape: Name of a kind of params.
        frame: Events a frame.
        events: How many in all.
        modules: So many are listened to.
        busy: So many of them have events, in turn.
        handlers: So many handlers has each of them, one number after the other.
    """

    mode: str
    shape: str
    frame: int
    events: int
    modules: int = 1
    busy: int = 1
    handlers: Sequence[int] = (1,)


HOW = {"event": "`addCustomEvent()`", "subscribe": "`subscribe()`"}
"""How a client listens."""
SHAPES: dict[str, Callable[[int], dict[str, Any]]] = {"small": small, "large": large}
CELLS = [
    *(
        Cell(mode, shape, frame, 10_000 if shape == "small" else 3_000)
        for mode in CODECS
        for shape in SHAPES
        for frame in (1, 50)
    ),
    *(Cell(mode, "small", frame, frame) for frame in (20_000, 50_000) for mode in CODECS),
]


def frames(cell: Cell) -> bytes:
    """Each WebSocket message behind its length in four bytes."""
    writer, mids = EventWriter(SystemClock(), "bench.example", 10**6, Revisions()), MidSource()
    codec: Any = CODECS[cell.mode]
    encoded = []
    for n in range(cell.events):
        module = f"bench{n % cell.busy or ''}"
        body = writer.write({"module_id": module, "command": "check", "params": SHAPES[cell.shape](n)})
        encoded.append(
            codec.encode(Message(mids.next(SystemClock().time_ns()), "a" * 32, body, 1_790_000_000))
        )
    result = []
    for first in range(0, cell.events, cell.frame):
        frame = codec.join(encoded[first : first + cell.frame])
        data = frame.encode() if isinstance(frame, str) else frame
        result.append(struct.pack(">I", len(data)) + data)
    return b"".join(result)


def thread_seconds(session: CDPSession) -> float:
    """CPU time of the page's main thread so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime"))


def measure(
    page: Page, session: CDPSession, config: dict[str, Any], cell: Cell, clients: Sequence[str], rounds: int
) -> tuple[Rounds, Rounds]:
    """Microseconds an event, and the longest time between two turns, milliseconds.

    The first round, in which code is compiled, is left out. In each all have their turn, with any number of
    handlers.
    """
    pairs = list(itertools.product(cell.handlers, clients))
    took: Rounds = {pair: [] for pair in pairs}
    longest: Rounds = {pair: [] for pair in pairs}
    for turn in range(rounds + 1):
        for handlers, client in pairs if turn % 2 else reversed(pairs):
            page.evaluate(
                "arguments => bench.open(...arguments)", [client, config, cell.mode, cell.modules, handlers]
            )
            calls = cell.events * handlers
            began = thread_seconds(session)
            task = page.evaluate("([frame, calls]) => bench.run(frame, calls)", [cell.frame, calls])
            seconds = thread_seconds(session) - began
            heard = page.evaluate("bench.heard")
            page.evaluate("bench.close()")
            if heard["count"] != calls or heard["disorder"]:
                sys.exit(f"{client}, {cell}: {heard['count']} calls of {calls}, {heard['disorder']} wrong")
            if turn:
                took[handlers, client].append(seconds / cell.events * 1e6)
                longest[handlers, client].append(task)
    return took, longest


def times(ours: Sequence[float], floor: Sequence[float]) -> float:
    """How many times the floor: the median of the rounds."""
    return statistics.median(mine / least for mine, least in zip(ours, floor, strict=True))


def run(cells: Sequence[Cell], rounds: int, chosen: Sequence[str]) -> list[dict[str, Any]]:
    """One row a cell and number of handlers; ``rounds_us`` of a cell's rows are of the same rounds."""
    rows = []
    clients = ["floor", *chosen]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bxpull.build(out=folder, demo=False)
        for script in (HERE / "client_page").iterdir():
            shutil.copy(script, folder)
        browser = playwright.chromium.launch(**launch_options("chromium"))
        for cell in cells:
            (Path(folder) / "frames").write_bytes(frames(cell))
            pages = {"/": ("text/html; charset=utf-8", PAGE)}
            with PushServer(
                static=folder, pages=pages, server_version=VERSIONS[cell.mode], verdict=False
            ) as server:
                page = browser.new_page()
                page.goto(server.url)
                session = page.context.new_cdp_session(page)
                session.send("Performance.enable", {"timeDomain": "threadTicks"})
                page.evaluate("isText => bench.load('/frames', isText)", cell.mode != "protobuf")
                config = server.config(1)
                took, longest = measure(page, session, config, cell, clients, rounds)
                page.close()
            for handlers in cell.handlers:
                each_us, each_ms = ({name: by[handlers, name] for name in clients} for by in (took, longest))
                ratios = {name: times(each_us[name], each_us["floor"]) for name in chosen}
                rows.append(
                    {
                        **vars(cell),
                        "handlers": handlers,
                        "us": {name: statistics.median(values) for name, values in each_us.items()},
                        "ratio": ratios,
                        "longest_ms": {name: statistics.median(values) for name, values in each_ms.items()},
                        "rounds_us": each_us,
                    }
                )
            print(f"{cell.mode} {cell.shape} {cell.frame}: {ratios}", file=sys.stderr, flush=True)
        browser.close()
    return rows


def show(rows: Sequence[dict[str, Any]], clients: Sequence[str], given: argparse.Namespace) -> None:
    """The table."""
    title = (
        "CPU time of the main thread for an event, µs, how many times the bare decoder's, and ms between two "
        f"turns of the page; medians of {given.rounds}"
    )
    lines = []
    for row in rows:
        told = [row["mode"], row["shape"], f"{row['frame']:,}", f"{row['us']['floor']:.2f}"]
        for name in clients:
            told += [f"{row['us'][name]:.2f}", f"{row['ratio'][name]:.2f}", f"{row['longest_ms'][name]:.0f}"]
        lines.append(told)
    names = [head for name in clients for head in (f"{HOW[name]}, µs", "Times", "Turn, ms")]
    tell("client", title, ("Format", "Params", "Events a frame", "Bare, µs", *names), lines, given)


def main() -> int:
    """Run it."""
    options = parser("What an event costs the browser.")
    options.add_argument("--rounds", type=int, default=7, help="counted, of each cell; default: %(default)s")
    options.add_argument("--cell", action="append", default=[], metavar="MODE/SHAPE/FRAME", help="only these")
    options.add_argument("--client", action="append", default=[], choices=("event", "subscribe"))
    given = options.parse_args()
    wanted = [
        cell for cell in CELLS if not given.cell or f"{cell.mode}/{cell.shape}/{cell.frame}" in given.cell
    ]
    clients = given.client or ["event", "subscribe"]
    rows = run(wanted, given.rounds, clients)
    show(rows, clients, given)
    write("client", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
