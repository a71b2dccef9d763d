"""All goals beside what the other benchmarks measured last: ``python -m bench.goals [--write]``.

Reads what they wrote into ``build/bench/``. Of several formats, engines or runs the worst counts.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import abuse, build, client, e2e, load, results
from bench.first_event import SMALLEST, WHOLE
from bench.publish import OURS as PUBLISHED_TO
from bench.server import FLOOR as BARE_SERVER
from bench.subscriber import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

TARGET = "es2018"
"""The bundle's goals are for this one, as those of ``tests/generator/test_budget.py``."""


class Goal(NamedTuple):
    """One of them.

    Attributes:
        what: In words.
        source: The benchmark whose JSON has it.
        aim: The limit.
        measured: Finds the figure in the JSON.
        unit: Of both.
        least: Whether the figure must be at least the limit; else at most.
    """

    what: str
    source: str
    aim: float
    measured: Callable[[Any], Any]
    unit: str = ""
    least: bool = False

    def row(self, found: Any) -> tuple[str, ...]:
        """What stands in the table of it."""
        figure = float(self.measured(found))
        met = figure >= self.aim if self.least else figure <= self.aim
        sign = "≥" if self.least else "≤"
        aim = f"{sign} {self.aim:,} {self.unit}".strip()
        command = f"`python -m bench.{self.source}`"
        return self.what, aim, f"{_number(figure)} {self.unit}".strip(), "yes" if met else "**no**", command


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or not value else f"{value:.2f}"


def _event(mode: str, shape: str) -> Goal:
    """What an event costs the page that listens by ``BX.addCustomEvent``, in the dearest kind of frame."""

    def worst(rows: Any) -> Any:
        cells = (row for row in rows if (row["mode"], row["shape"]) == (mode, shape))
        return max(row["ratio"]["event"] for row in cells if row["frame"] <= 20_000)

    size = {"small": "86 bytes", "large": "2 KB"}[shape]
    return Goal(f"Page: an event of {size}, {mode}, times the bare decoder", "client", client.GOAL, worst)


def _long_frame(rows: Any) -> Any:
    """An event of 20,000 beside one of 50."""
    us = {(row["mode"], row["frame"]): row["us"]["event"] for row in rows if row["shape"] == "small"}
    return max(us[mode, 20_000] / us[mode, 50] for mode, frame in us if frame == 50)


def _longest(rows: Any) -> Any:
    return max(row["longest_ms"]["event"] for row in rows if row["frame"] == 50_000)


def _cold(rows: Any) -> Any:
    return statistics.median(
        row["evaluated"] + row["constructed"] for row in rows if row["script"] == load.DEFAULT
    )


def _size(client: str) -> Callable[[Any], Any]:
    def largest(found: Any) -> Any:
        wanted = (client, "iife", TARGET)
        return max(
            row["gzip_bytes"]
            for row in found["sizes"]
            if (row["client"], row["format"], row["target"]) == wanted
        )

    return largest


def _further(found: Any) -> Any:
    return max(row["ratio_both"] for row in found["handlers"] if "ratio_both" in row)


def _modules(found: Any) -> Any:
    """The dearest beside one module."""
    costs = [row["client_us"] / row["floor_us"] for row in found["modules"]]
    return max(costs) / costs[0]


def _of_formats(key: str, choose: Callable[..., float]) -> Callable[[Any], Any]:
    return lambda rows: choose(results.median(rows, name, key) for name in FORMATS)


def _late(rows: Any) -> Any:
    return max(
        results.median(rows, name, "p99_ms") / results.median(rows, BARE_SERVER, "p99_ms") for name in FORMATS
    )


def _published(found: Any) -> Any:
    return statistics.median(found["publishes_per_cpu_s"][PUBLISHED_TO])


def _memory(found: Any) -> Any:
    return max(statistics.median(kib for _, kib in taken) for taken in found["idle_cpu_ms_and_kib"].values())


def _lost(found: Any) -> Any:
    return sum(row["lost"] + row["wrong"] + row["cut_off"] for row in found["connections"])


def _handled(part: str, key: str) -> Callable[[Any], Any]:
    """Of the client, in the slowest format."""

    def worst(found: Any) -> Any:
        ours = sorted((row["format"], row[key]) for row in found[part] if row["who"] == e2e.CLIENT)
        return max(
            statistics.median(value for _, value in rows)
            for _, rows in itertools.groupby(ours, key=lambda one: one[0])
        )

    return worst


def _command(what: str, name: str) -> Goal:
    """How long a command takes, the slowest of those whose name begins so."""
    tasks = [task for task in build.tasks("") if task.name.startswith(name)]

    def slowest(rows: Any) -> Any:
        return max(
            statistics.median(row["wall"] for row in rows if row["task"] == task.name) for task in tasks
        )

    return Goal(what, "build", tasks[0].goal, slowest, "ms")


GOALS = (
    *(_event(mode, shape) for shape in ("small", "large") for mode in ("text", "protobuf", "jsonrpc")),
    Goal(
        "Page: an event in a frame of 20,000, times one in a frame of 50", "client", client.GOAL, _long_frame
    ),
    Goal("Page: 50,000 events at once, longest time between two turns", "client", 50, _longest, "ms"),
    Goal("Page: a further handler, times copies and call", "growth", client.GOAL, _further),
    Goal("Page: up to 10,000 modules, times one module", "growth", client.GOAL, _modules),
    Goal("Script: evaluate and construct, cold", "load", load.GOAL_MS, _cold, "ms"),
    Goal("Script: the default, gzip", "first_event", 13 * 1024, _size(WHOLE), "bytes"),
    Goal(
        "Script: JSON-RPC over WebSocket only, gzip",
        "first_event",
        9 * 1024,
        _size(SMALLEST),
        "bytes",
    ),
    Goal(
        "Server: deliveries to 1,000 for a CPU second",
        "server",
        1_000_000,
        _of_formats("per_cpu_s", min),
        least=True,
    ),
    Goal("Server: 20 events a second to 1,000, p50", "server", 8, _of_formats("p50_ms", max), "ms"),
    Goal("Server: the same, p99, times the bare server's", "server", 1.3, _late),
    Goal(
        "Server: events for one of 5,000, for a CPU second",
        "unicast",
        20_000,
        lambda rows: min(1e6 / results.median(rows, name, "us") for name in FORMATS),
        least=True,
    ),
    Goal("Server: the same, p99", "unicast", 3, _of_formats("p99_ms", max), "ms"),
    Goal("Server: published over HTTP for a CPU second", "publish", 20_000, _published, least=True),
    Goal("Server: memory of an idle connection", "publish", 20, _memory, "KiB"),
    Goal("Server: to 10,000 connections: lost, wrong or cut off", "growth", 0, _lost, "events"),
    Goal("Server: beside 600 bad connections, p99, times alone", "abuse", abuse.GOAL, lambda it: it["ratio"]),
    _command("Server: start to first answer", "bxpull serve"),
    Goal("HTTP to handler, 100 events a second, p50", "e2e", e2e.GOALS["p50"], _handled("late", "p50"), "ms"),
    Goal("The same, p99", "e2e", e2e.GOALS["p99"], _handled("late", "p99"), "ms"),
    Goal(
        "10,000 missed events, to the last handler",
        "e2e",
        e2e.GOALS["resume"],
        _handled("resume", "ms"),
        "ms",
    ),
    _command("`bxpull build`, either engine", "bxpull build, "),
    _command("`bxpull build --watch`, from saving to its word", "bxpull build --watch"),
    _command("`import bxpull`", "import"),
    _command("`bxpull --help`", "bxpull --help"),
)


def tell(given: argparse.Namespace) -> None:
    """The table.

    Raises:
        SystemExit: Something was not measured yet, or in part only.
    """
    rows = []
    for goal in GOALS:
        path = results.FOLDER / f"{goal.source}.json"
        if not path.exists():
            sys.exit(f"{path.name} is not there: python -m bench.{goal.source} writes it")
        try:
            rows.append(goal.row(json.loads(path.read_text("utf-8"))))
        except (KeyError, ValueError):
            sys.exit(f"{path.name} is not of a whole run: python -m bench.{goal.source} writes it anew")
    met = sum(row[3] == "yes" for row in rows)
    columns = ("Goal", "Aim", "Measured", "Met", "Command")
    results.tell("goals", f"{met} of {len(rows)} met", columns, rows, given)


if __name__ == "__main__":
    tell(results.parser("All goals beside what was measured last.").parse_args())
