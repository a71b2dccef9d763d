"""What it costs the server that JSON-RPC subscribers confirm what they got: CPU time of a confirmation.

``make bench-server`` prints tables and writes JSON. Clients of version 5 confirm each event with a message of
its own, ``mack:<mid>``: one after an event that came alone, and many in one write after a frame of many. The
floor is a bare server that only counts bytes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.bare_lines import BareLine, Opened, listen
from bench.processes import ask_cost, drive, serving, subscribed_server, tell_cost
from bench.results import in_turns, machine, median, parser, tell, write
from bench.subscriber import FORMATS, TEXT, Subscriber, connected, masked
from bxpull_server.protocol.framing import framed

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FLOOR, OURS = "bare server", "bxpull"
# How many go out in one write, and after how long the next do.
ALONE, TOGETHER = (1, 0.05), (50, 0.25)
ACK = masked(TEXT, b"mack:17905000040000039740714326")
CALL = masked(TEXT, b'{"jsonrpc":"2.0","method":"ping","id":1}')
ANSWER = framed("pong")
PATIENCE_S = 60


async def serve(pipe: Connection, name: str) -> None:
    """A server; tells its CPU time whenever it is asked."""
    if name == FLOOR:
        opened: Opened = {}
        await listen(pipe, lambda: _Answering(opened))
        await tell_cost(pipe)
    else:
        async with subscribed_server(pipe, FORMATS["JSON-RPC"]):
            await tell_cost(pipe)


class _Answering(BareLine):
    """Answers what ends with a call, and expects no call amid other bytes."""

    def take(self, data: bytes) -> None:
        if data.endswith(CALL):
            self.transport.write(ANSWER)


class Confirming(Subscriber):
    """Hears when the server has dealt with all that was sent."""

    def __init__(self, path: str) -> None:
        super().__init__(path, [])
        self._answered = asyncio.Event()

    def _take(self, kind: int, content: bytes, now: int) -> None:
        super()._take(kind, content, now)
        if b"pong" in content:
            self._answered.set()

    async def settle(self) -> None:
        """Calls, and returns when that was answered."""
        self._answered.clear()
        self.send(CALL)
        await asyncio.wait_for(self._answered.wait(), PATIENCE_S)


async def measure(pipe: Connection, connections: int, seconds: float) -> dict[str, float]:
    """CPU µs of a confirmation, alone and together with others."""
    loop = asyncio.get_running_loop()
    port, paths = pipe.recv()
    made = [Confirming(paths[n % len(paths)]) for n in range(connections)]
    subscribers = await connected(port, made)

    async def settle() -> None:
        for one in subscribers:
            await one.settle()

    async def confirm(count: int, pause_s: float) -> float:
        data = ACK * count
        rounds = int(seconds / pause_s)
        before = await ask_cost(pipe)
        await settle()
        settling = await ask_cost(pipe) - before
        before, began = await ask_cost(pipe), loop.time()
        for turn in range(rounds):
            due = began + turn * pause_s
            await asyncio.wait([loop.create_future()], timeout=max(0, due - loop.time()))
            for one in subscribers:
                one.send(data)
        await settle()
        return (await ask_cost(pipe) - before - settling) / (rounds * connections * count) * 1e6

    found = {"alone_us": await confirm(*ALONE), "together_us": await confirm(*TOGETHER)}
    for one in subscribers:
        one.close()
    return found


def main() -> int:
    """Run, and tell."""
    options = parser("Confirmations of JSON-RPC subscribers, beside a server that counts bytes.")
    options.add_argument("--connections", type=int, default=100, help="default: %(default)s")
    options.add_argument("--seconds", type=float, default=3, help="of each part; default: %(default)s")
    options.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    given = options.parse_args()
    machine()

    def measured(name: str) -> dict[str, float]:
        with serving(serve, name) as pipe:
            return drive(measure(pipe, given.connections, given.seconds))

    rows = in_turns(given.rounds, (FLOOR, OURS), measured)
    lines = [
        (name, f"{median(rows, name, 'alone_us'):.1f}", f"{median(rows, name, 'together_us'):.1f}")
        for name in (FLOOR, OURS)
    ]
    title = f"CPU of the server for a confirmation, µs, medians of {given.rounds}"
    tell("acks", title, ("Server", "Alone", f"{TOGETHER[0]} in one write"), lines, given)
    write("acks", rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
