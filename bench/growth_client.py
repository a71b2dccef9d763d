"""What an event costs the browser with many modules, and with many handlers of one: for bench/growth.py."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from bench import client

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULES = (1, 100, 1_000, 10_000)
# Each module has at least one event.
EVENTS = 20_000
# Of those with several handlers.
HANDLED = 10_000
HANDLERS = (1, 2, 3, 5, 10)
# By kind of params: how long as JSON.
PARAMS = {"small": "86 bytes", "large": "2 KB"}


def modules(rounds: int) -> list[dict[str, Any]]:
    """Main thread µs an event, for ours and the bare decoder: events for one module, and for all in turn."""
    cells = [
        client.Cell("jsonrpc", "small", 50, EVENTS, modules=modules, busy=busy)
        for modules in MODULES
        for busy in sorted({1, modules})
    ]
    rows = client.run(cells, rounds, ["event"])
    return [
        {
            "modules": row["modules"],
            "busy": row["busy"],
            "client_us": row["us"]["event"],
            "floor_us": row["us"]["floor"],
            "ratio": row["ratio"]["event"],
        }
        for row in rows
    ]


def handlers(rounds: int) -> list[dict[str, Any]]:
    """Main thread µs an event with so many handlers of its module, and µs for each handler after the first.

    The latter are the difference from one handler in the same round, shared out; *both* is the bare decoder
    that copies extra for each, too.
    """
    cells = [client.Cell("jsonrpc", shape, 50, HANDLED, handlers=HANDLERS) for shape in PARAMS]
    found, alone = [], {}
    for row in client.run(cells, rounds, ["event", "floor_both"]):
        shape, number, took, us = (row[key] for key in ("shape", "handlers", "rounds_us", "us"))
        told = {"shape": shape, "handlers": number, "client_us": us["event"], "floor_us": us["floor"]}
        if number == 1:
            alone[shape] = took
        else:
            ours, floor, both = (
                further(number, took[name], alone[shape][name]) for name in ("event", "floor", "floor_both")
            )
            told |= {"further_us": median(ours), "further_floor_us": median(floor)}
            told |= {"further_both_us": median(both), "ratio_both": client.times(ours, both)}
            told["ratio"] = client.times(ours, floor)
        found.append(told)
    return found


def further(number: int, took: Sequence[float], alone: Sequence[float]) -> list[float]:
    """Of each round, what a handler after the first adds, of so many."""
    return [(many - one) / (number - 1) for many, one in zip(took, alone, strict=True)]
