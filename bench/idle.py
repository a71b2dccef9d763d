"""What subscribers that hear nothing cost the server: CPU time of a thousand of them in a second.

``make bench-server`` prints a table and writes JSON. A line is asked now and then whether there is still
somebody at its end: by a ping of WebSocket, every 20 s, or, in JSON-RPC, by a heartbeat, every 10. The floor
is a bare server that asks all of its lines as often, by one timer, and lets go what comes back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.bare_lines import BareLine, Opened, listen
from bench.processes import ask_cost, drive, serving, subscribed_server, tell_cost
from bench.results import in_turns, machine, median, parser, tell, write
from bench.subscriber import FORMATS, HEARTBEAT, allow_files, connect
from bxpull_server.protocol.framing import EMPTY_PING, framed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# How often ours asks, seconds, and with which frame.
FLOORS = {
    "bare, every 20 s": (20, EMPTY_PING),
    "bare, every 10 s": (10, framed(HEARTBEAT.decode())),
}
# In each turn of the loop some of them, in turns.
TURN_S = 0.05


async def serve(pipe: Connection, name: str) -> None:
    """A server; tells its CPU time whenever it is asked."""
    if name in FLOORS:
        await _serve_floor(pipe, *FLOORS[name])
    else:
        async with subscribed_server(pipe, FORMATS[name]):
            await tell_cost(pipe)


async def _serve_floor(pipe: Connection, every_s: float, frame: bytes) -> None:
    opened: Opened = {}
    lines: list[asyncio.Transport] = []
    loop = asyncio.get_running_loop()
    turns = round(every_s / TURN_S)

    def ask(turn: int) -> None:
        if len(lines) != len(opened):  # to list thousands in each turn would cost as much as asking
            lines[:] = opened
        for transport in lines[turn % turns :: turns]:
            transport.write(frame)
        loop.call_later(TURN_S, ask, turn + 1)

    await listen(pipe, lambda: BareLine(opened))
    ask(0)
    await tell_cost(pipe)


async def measure(pipe: Connection, connections: int, seconds: float) -> dict[str, float]:
    """What so many cost in so many seconds."""
    loop = asyncio.get_running_loop()
    port, paths = pipe.recv()
    subscribers = await connect(port, [paths[n % len(paths)] for n in range(connections)], [])
    before, began = await ask_cost(pipe), loop.time()
    await asyncio.wait([loop.create_future()], timeout=seconds)
    spent, passed = await ask_cost(pipe) - before, loop.time() - began
    lost = sum(one.lost for one in subscribers)
    for one in subscribers:
        one.close()
    return {"ms_a_second": spent / passed / connections * 1e6, "lost": lost}


def main() -> int:
    """Run, and tell."""
    options = parser("Subscribers that hear nothing, beside a server that only asks whether they are there.")
    options.add_argument("--connections", type=int, default=5000, help="default: %(default)s")
    options.add_argument("--seconds", type=float, default=20, help="default: %(default)s")
    options.add_argument("--rounds", type=int, default=1, help="default: %(default)s")
    given = options.parse_args()
    machine()
    allow_files()

    def measured(name: str) -> dict[str, float]:
        with serving(serve, name) as pipe:
            return drive(measure(pipe, given.connections, given.seconds))

    names = (*FLOORS, *FORMATS)
    rows = in_turns(given.rounds, names, measured)
    lines = [
        (name, f"{median(rows, name, 'ms_a_second'):.2f}", f"{median(rows, name, 'lost'):.0f}")
        for name in names
    ]
    title = f"CPU time of 1,000 idle subscribers in a second, ms, of {given.connections:,}"
    tell("idle", title, ("Server", "CPU, ms", "Cut off"), lines, given)
    write("idle", rows)
    return int(any(row["lost"] for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
