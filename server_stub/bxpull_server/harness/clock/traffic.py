"""What is on its way between pages, workers and server."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bxpull_server import AsyncPushServer
from bxpull_server.harness.clock.report import Counts, Port
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
        sum(map(_on_port, _pairs(everyone))),
    )


def behind(everyone: Sequence[Counts], server: ServerCounts) -> set[int]:
    """The places of those who alone have to report again; none: that cannot be told.

    It can be where all that is missing is their end of a port, of which the other end knows more.
    """
    if any(imbalance(everyone, server)[:-1]):
        return set()
    found = set()
    for ends in filter(_on_port, _pairs(everyone)):
        if len(ends) == 1:
            return set()
        for (_, told), (place, asked) in itertools.permutations(ends, 2):
            if told.taken > asked.sent or (told.sent > asked.taken and not asked.closed):
                found.add(place)
    return found


def describe(apart: Imbalance) -> str:
    """The same for people."""
    return ", ".join(f"{what} {number:+d}" for what, number in zip(_COUNTED, apart, strict=True) if number)


# Both ends of a port, each with the place of whose it is; the page's comes first.
_Ends = list[tuple[int, Port]]


def _pairs(everyone: Sequence[Counts]) -> list[_Ends]:
    ends: dict[str, _Ends] = {}
    for place, counts in enumerate(everyone):
        for name, port in counts.ports:
            ends.setdefault(name, []).append((place, port))
    return list(ends.values())


def _on_port(ends: _Ends) -> int:
    """Messages between page and worker; or 1: the worker has not heard of the port yet."""
    (_, page), *others = ends
    if not others:
        # The worker has taken it, maybe, and not reported since; or this is its end, and the page is gone.
        return int(page.mine and not page.closed)
    ((_, worker),) = others
    back = 0 if page.closed else abs(worker.sent - page.taken)
    return abs(page.sent - worker.taken) + back
