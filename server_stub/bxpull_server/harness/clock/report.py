"""What a page or worker reports of itself."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Port:
    """One end of a message port between a page and the shared worker.

    Attributes:
        sent: Messages that this end has sent.
        taken: Messages that it has got.
        closed: Whether this end has closed it.
        mine: Whether this is the page's end, who made it.
    """

    sent: int
    taken: int
    closed: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Use of the network and of ports.

    Attributes:
        begun: Requests, openings and closings of sockets begun so far.
        pending: Those of them that have not come to their end.
        open: Sockets that are open and not being closed.
        sent: Messages sent over these.
        received: Messages that came over these.
        ports: By the names that both ends know.
    """

    begun: int = 0
    pending: int = 0
    open: int = 0
    sent: int = 0
    received: int = 0
    ports: tuple[tuple[str, Port], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The state of one page or worker.

    Attributes:
        due: When its next timer is due, as its ``Date.now()`` says it; None: it has none.
        counts: What is under way.
        notes: What its client told since the last report, with the time of each.
    """

    due: int | None
    counts: Counts
    notes: tuple[tuple[int, str], ...]


def read_report(text: str) -> Report:
    """The report in a text that ``participant.js`` has sent."""
    values: dict[str, Any] = json.loads(text)
    ports = tuple((name, Port(**port)) for name, port in sorted(values["ports"].items()))
    notes = tuple((moment, what) for moment, what in values["notes"])
    return Report(values["due"], Counts(**values["network"], ports=ports), notes)
