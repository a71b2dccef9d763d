"""How costs grow: with modules and handlers in the page; connections, channels, history in the server.

``make bench-growth`` prints tables, writes JSON and draws ``docs/benchmarks/*.svg``. Costs are CPU time: of
the page's main thread for an event, of the server for a delivery. ``--part`` measures one of the five again
and keeps what was found of the others before. Exits with 1 if an event was lost, came twice or out of order,
or if a connection was cut off.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import growth_client, growth_server, results
from bench.plot import Plot, draw
from bench.server import FLOOR
from bench.subscriber import allow_files

PLOTS = Path(__file__).resolve().parent.parent / "docs" / "benchmarks"
NAME = "growth"
OURS = "JSON-RPC"

Rows = list[dict[str, Any]]
Found = tuple[Sequence[str], Sequence[Sequence[str]], Plot]


def modules(rows: Rows) -> Found:
    """The page: one handler each for so many modules."""
    one, all_ = (
        [row for row in rows if row["busy"] == (1 if single else row["modules"])] for single in (1, 0)
    )
    lines = [
        (
            f"{row['modules']:,}",
            "one" if row["busy"] == 1 else "all, in turn",
            f"{row['floor_us']:.2f}",
            f"{row['client_us']:.2f}",
            f"{row['ratio']:.2f}",
        )
        for row in rows
    ]
    series = {
        "client, events for one": [(row["modules"], row["client_us"]) for row in one],
        "client, events for all": [(row["modules"], row["client_us"]) for row in all_],
        "bare decoder, for one": [(row["modules"], row["floor_us"]) for row in one],
        "bare decoder, for all": [(row["modules"], row["floor_us"]) for row in all_],
    }
    plot = Plot("An event in the page", "modules listened to", "µs of the main thread", series)
    return ("Modules", "Events for", "Bare decoder, µs", "Client, µs", "Times"), lines, plot


def handlers(rows: Rows) -> Found:
    """The page: so many handlers of one module, with params that are small and large."""
    keys = (
        "floor_us",
        "client_us",
        "further_floor_us",
        "further_both_us",
        "further_us",
        "ratio",
        "ratio_both",
    )
    lines = []
    for row in rows:
        figures = [f"{row[key]:.2f}" if key in row else "-" for key in keys]
        lines.append((growth_client.PARAMS[row["shape"]], str(row["handlers"]), *figures))
    series = {
        f"{who}, {params}": [(row["handlers"], row[key]) for row in rows if row["shape"] == shape]
        for shape, params in growth_client.PARAMS.items()
        for who, key in (("client", "client_us"), ("bare decoder", "floor_us"))
    }
    plot = Plot(
        "An event for several", "handlers of its module", "µs of the main thread", series, logarithmic=False
    )
    head = (
        "Params",
        "Handlers",
        "Bare, µs",
        "Client, µs",
        "Further, bare, µs",
        "With extra, µs",
        "Client, µs",
    )
    return (*head, "Times", "Times with extra"), lines, plot


def connections(rows: Rows) -> Found:
    """The server: one channel with so many subscribers."""
    lines = []
    for ours, bare in zip(_of(rows, OURS), _of(rows, FLOOR), strict=True):
        pairs = [(ours[key], bare[key]) for key in ("full_us", "paced_us")]
        figures = (f"{cost:.2f}" for mine, its in pairs for cost in (mine, its, mine / its))
        wrong = f"{ours['lost'] + ours['wrong']:,}", f"{ours['cut_off']:,}"
        lines.append((f"{ours['connections']:,}", *figures, *wrong))
    series = {
        f"{who}, {how}": [(row["connections"], row[key]) for row in _of(rows, server)]
        for key, how in (("paced_us", "one by one"), ("full_us", "full speed"))
        for who, server in (("server", OURS), ("bare", FLOOR))
    }
    head = ("Connections", "Full speed, µs", "Bare, µs", "Times", "One by one, µs", "Bare, µs", "Times")
    plot = Plot("A delivery from the server", "connections", "µs of CPU time", series)
    return (*head, "Lost or wrong", "Cut off"), lines, plot


def _of(rows: Rows, server: str) -> Rows:
    return [row for row in rows if row["server"] == server]


def channels(rows: Rows) -> Found:
    """The server: so many channels, of which some have a listener."""
    lines = [
        (
            f"{row['channels']:,}",
            f"{row['us']:.0f}",
            f"{row['us'] / rows[0]['us']:.2f}",
            # Of few it is what the first event took that was ever published.
            f"{row['kib_a_channel']:.1f}" if row["channels"] > growth_server.LISTENERS else "-",
            f"{row['lost'] + row['wrong']:,}",
        )
        for row in rows
    ]
    series = {"publish and deliver": [(row["channels"], row["us"]) for row in rows]}
    plot = Plot("An event for one of many channels", "channels with history", "µs of CPU time", series)
    head = ("Channels", "Publish and deliver, µs", "Times", "KiB a channel, with an event", "Lost or wrong")
    return head, lines, plot


def history(rows: Rows) -> Found:
    """The server: so many events published to one channel."""
    limits = {growth_server.NO_LIMIT: "all kept", growth_server.DEFAULT_LIMIT: "the default: 20,000 kept"}
    lines = [
        (f"{row['events']:,}", limits[row["limit"]], f"{row['mib']:.1f}", f"{_each(row):.0f}") for row in rows
    ]
    series = {
        name: [(row["events"], row["mib"]) for row in rows if row["limit"] == limit]
        for limit, name in limits.items()
    }
    plot = Plot("Memory for a channel's history", "events published", "MiB", series, logarithmic=False)
    return ("Events", "Limit", "MiB", "Bytes an event kept"), lines, plot


def _each(row: dict[str, Any]) -> float:
    return float(row["mib"] * growth_server.MIB / min(row["events"], row["limit"]))


PARTS: dict[str, tuple[Callable[[Rows], Found], Callable[[Any], Rows]]] = {
    "modules": (modules, lambda given: growth_client.modules(given.rounds)),
    "handlers": (handlers, lambda given: growth_client.handlers(given.rounds)),
    "connections": (connections, lambda given: growth_server.connections(given.seconds)),
    "channels": (channels, lambda given: growth_server.channels(given.seconds)),
    "history": (history, lambda _: growth_server.history()),
}
IN_PAGE = ("modules", "handlers")
"""Parts of several rounds."""


def main() -> int:
    """Run, tell and draw."""
    parser = results.parser("How costs grow with modules, handlers, connections, channels and history.")
    parser.add_argument("--part", action="append", choices=PARTS, help="only these; may be repeated")
    parser.add_argument("--seconds", type=float, default=20, help="of each steady run; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="of each run in the page; default: %(default)s")
    given = parser.parse_args()
    results.machine()
    allow_files()
    before = results.FOLDER / f"{NAME}.json"
    found = json.loads(before.read_text("utf-8")) if given.part and before.exists() else {}
    PLOTS.mkdir(exist_ok=True)
    for part in given.part or PARTS:
        show, measure = PARTS[part]
        found[part] = measure(given)
        columns, lines, plot = show(found[part])
        often = f", medians of {given.rounds}" if part in IN_PAGE else ""
        results.tell(part, f"{plot.title}{often}", columns, lines, given)
        (PLOTS / f"{part}.svg").write_text(draw(plot), "utf-8")
        results.write(NAME, found)
    return int(
        any(row.get(key) for rows in found.values() for row in rows for key in ("lost", "wrong", "cut_off"))
    )


if __name__ == "__main__":
    sys.exit(main())
