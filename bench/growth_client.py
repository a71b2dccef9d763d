"""What an event costs the browser when the page listens to many modules: for bench/growth.py."""

from __future__ import annotations

from typing import Any

from bench import client

MODULES = (1, 100, 1_000, 10_000)
# Each module has at least one event.
EVENTS = 20_000


def measure(rounds: int) -> list[dict[str, Any]]:
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
