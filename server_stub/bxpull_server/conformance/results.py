"""What runs of the conformance page found: checked, since anybody can post one, kept, and waited for."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from bxpull_server.errors import EventError
from bxpull_server.waiting import Pulse

Outcome = Literal["passed", "failed", "impossible"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
BODY_LIMIT = 256 * 1024
"""Bytes that a result may have."""
_CELLS = 1_000
_KEPT = 100
_REASON_CHARS = 500
_AGENT_CHARS = 300
_DAY_S = 86_400
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,:-]{0,79}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\uf900-\ufffd]")


@dataclass(frozen=True, slots=True)
class ConformanceCell:
    """How one scenario went on one wire.

    Attributes:
        scenario: Its name.
        wire: Format and transport, ``protobuf, WebSocket`` for example.
        outcome: ``passed``; ``failed``; ``impossible``: the browser, or the protocol, has no such thing.
        reason: Why it did not pass; "" if it did.
        seconds: How long it took.
    """

    scenario: str
    wire: str
    outcome: Outcome
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ConformanceResult:
    """What one run found.

    Attributes:
        browser: What the browser calls itself (``User-Agent``).
        finished_at: Unix time in seconds.
        seconds: How long the run took.
        cells: Every scenario on every wire.
    """

    browser: str
    finished_at: float
    seconds: float
    cells: tuple[ConformanceCell, ...]

    def count(self, outcome: Outcome) -> int:
        """How many cells came out so."""
        return Counter(cell.outcome for cell in self.cells)[outcome]

    def __str__(self) -> str:
        counts = f"{self.count('passed')} passed, {self.count('failed')} failed"
        rest = f"{self.count('impossible')} impossible, {self.seconds:.1f} s"
        return f"{counts}, {rest}: {self.browser}"


class Results:
    """The newest results, oldest first.

    Attributes:
        changed: Fires at each new one.
        total: How many there have been.
    """

    def __init__(self) -> None:
        self._results: list[ConformanceResult] = []
        self.changed = Pulse()
        self.total = 0

    def add(self, result: ConformanceResult) -> None:
        """Keep a result."""
        self._results = [*self._results, result][-_KEPT:]
        self.total += 1
        self.changed.fire()

    def number(self, number: int) -> ConformanceResult:
        """The result of this number, the first being 1; the oldest one that is kept if it is no more."""
        return self._results[max(0, number - 1 - self.total + len(self._results))]

    def all(self) -> list[ConformanceResult]:
        """Those that are kept."""
        return list(self._results)


def read_result(values: Mapping[str, Any], browser: str, now: float) -> ConformanceResult:
    """A result as a page posts it.

    Args:
        values: Fields ``seconds`` and ``cells``, a list of objects with the fields of a cell.
        browser: The header ``User-Agent``.
        now: Unix time in seconds.

    Raises:
        EventError: Names the field that is wrong.
    """
    cells = values.get("cells")
    if not isinstance(cells, list) or not 0 < len(cells) <= _CELLS:
        raise EventError("cells", f"must be a list of 1 to {_CELLS} cells")
    read = tuple(map(_cell, cells))
    if len({(cell.scenario, cell.wire) for cell in read}) != len(read):
        raise EventError("cells", "must name each scenario on each wire once")
    return ConformanceResult(
        _printable(browser, _AGENT_CHARS) or "unknown", now, _seconds(values.get("seconds")), read
    )


def _cell(values: object) -> ConformanceCell:
    if not isinstance(values, dict) or set(values) != set(ConformanceCell.__slots__):
        raise EventError("cells", f"each must have {', '.join(ConformanceCell.__slots__)}, and nothing else")
    outcome, reason = values["outcome"], values["reason"]
    if outcome not in OUTCOMES:
        raise EventError("outcome", f"must be one of {', '.join(OUTCOMES)}")
    if not isinstance(reason, str):
        raise EventError("reason", "must be a text")
    return ConformanceCell(
        _name(values, "scenario"),
        _name(values, "wire"),
        outcome,
        _printable(reason, _REASON_CHARS),
        _seconds(values["seconds"]),
    )


def _name(values: Mapping[str, Any], field: str) -> str:
    name = values[field]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise EventError(field, "must be up to 80 letters, digits, spaces, commas, colons and hyphens")
    return name


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _DAY_S:
        raise EventError("seconds", f"must be a number from 0 to {_DAY_S}")
    return float(value)


def _printable(text: str, chars: int) -> str:
    """On one line, without what a terminal would take for a command or a reader could not see."""
    return _UNPRINTABLE.sub(" ", text)[:chars].strip()
