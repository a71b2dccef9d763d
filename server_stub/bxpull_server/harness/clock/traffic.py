"""What is on its way between pages, workers and server."""

from collections.abc import Sequence
from dataclasses import dataclass

from bxpull_server import AsyncPushServer
from bxpull_server.harness.clock.report import Counts
from bxpull_server.journal import Entry


@dataclass(frozen=True, slots=True)
class ServerCounts:
    """The server's end.

    Attributes:
        held: Polls that wait for something to answer.
        open: WebSockets.
        sent: Messages sent over these.
        received: Messages that came over these and have been dealt with.
        busy: Connections to which something is on its way.
    """

    held: int = 0
    open: int = 0
    sent: int = 0
    received: int = 0
    busy: int = 0


Imbalance = tuple[int, ...]
"""How far the ends are apart, in all that can be counted; all zeros: nothing is under way."""
_COUNTED = ("requests", "open sockets", "messages to pages", "messages of pages", "busy connections", "ports")


async def look(server: AsyncPushServer) -> tuple[ServerCounts, list[Entry]]:
    """The server's counts and its journal, at one moment."""
    connections = await server.connections()
    sockets = [connection for connection in connections if connection.transport == "websocket"]
    counts = ServerCounts(
        held=sum(not connection.between_polls for connection in connections) - len(sockets),
        open=len(sockets),
        sent=sum(connection.messages for connection in sockets),
        received=sum(connection.received for connection in sockets),
        busy=sum(not connection.idle for connection in connections),
    )
    return counts, server.requests


def imbalance(everyone: Sequence[Counts], server: ServerCounts) -> Imbalance:
    """What is on its way."""
    return (
        sum(counts.pending for counts in everyone) - server.held,
        sum(counts.open for counts in everyone) - server.open,
        sum(counts.received for counts in everyone) - server.sent,
        sum(counts.sent for counts in everyone) - server.received,
        server.busy,
        _on_ports(everyone),
    )


def describe(apart: Imbalance) -> str:
    """The same for people."""
    return ", ".join(f"{what} {number:+d}" for what, number in zip(_COUNTED, apart, strict=True) if number)


def _on_ports(everyone: Sequence[Counts]) -> int:
    """Messages between pages and worker, and ports that the worker has not heard of yet."""
    # The page's end is the one that comes first.
    ends: dict[str, list[tuple[int, int, bool]]] = {}
    for counts in everyone:
        for name, port in counts.ports:
            ends.setdefault(name, []).append((port.sent, port.taken, port.closed))
    total = 0
    for pair in ends.values():
        if len(pair) == 1:
            # The other one is still to come, unless this is what is left of a page, or the port was closed.
            total += not pair[0][2] and pair[0][1] == 0
            continue
        (sent, taken, closed), (back, arrived, _) = pair
        total += abs(sent - arrived)
        if not closed:
            total += abs(back - taken)
    return total
