"""The judge: did the page hear of every event once, in order, or of the gap it lies in; and was each gap one.

Events are numbered in the order they were accepted. A *loss* is a moment after which the history does not
cover something: a killed process (all that came before its successor), an eviction. It is named by the newest
mid that it took. It *costs* the page something if an event that it took was not handled, and a kill always:
the successor cannot know what went before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Loss:
    """What the history does not hold any more.

    Attributes:
        through: The newest mid that is lost.
        total: Whether the server knows nothing of what came before.
    """

    through: str
    total: bool


@dataclass
class Record:
    """What a schedule came to in one tab.

    Attributes:
        mids: Of all accepted events; the index is an event's number.
        losses: In the order they happened.
        log: What the page was told: numbers of events, ``{"gap": {"after", "through"}}``, and
            ``{"error": text}``.
        first: Number of the event from which on all were promised to the tab.
        is_whole: Whether the tab was there to the end; else only what it was told up to then can be judged.
    """

    mids: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    log: list[Any] = field(default_factory=list)
    first: int = 0
    is_whole: bool = True


@dataclass
class Findings:
    """What is wrong, in numbers and sentences; ``made`` and ``announced`` are right if they are equal."""

    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    made: int = 0
    announced: int = 0
    problems: list[str] = field(default_factory=list)


def judge(record: Record) -> Findings:
    """Compares what the page was told with what was published and lost."""
    found = Findings()
    handled = [(index, entry) for index, entry in enumerate(record.log) if isinstance(entry, int)]
    gaps = [(index, entry["gap"]) for index, entry in enumerate(record.log) if "gap" in _object(entry)]
    found.problems += [str(entry) for entry in record.log if "error" in _object(entry)]
    _judge_order([number for _, number in handled], found)
    _judge_missing(record, handled, gaps, found)
    _judge_gaps(record, handled, gaps, found)
    return found


def _judge_order(numbers: list[int], found: Findings) -> None:
    found.twice = len(numbers) - len(set(numbers))
    firsts = list(dict.fromkeys(numbers))
    found.out_of_order = sum(later < earlier for earlier, later in pairwise(firsts))
    if found.twice or found.out_of_order:
        steps = [(one, other) for one, other in pairwise(numbers) if other <= one]
        found.problems.append(f"handled twice or out of order: after, then {steps[:5]}")


def _judge_missing(
    record: Record, handled: list[tuple[int, int]], gaps: list[tuple[int, Any]], found: Findings
) -> None:
    seen = {number for _, number in handled}
    end = len(record.mids) if record.is_whole else max(seen, default=0)
    missing = [number for number in range(record.first, end) if number not in seen]
    untold = []
    for number in missing:
        mid = record.mids[number]
        # Where a handler heard of something later: the gap must have been told before.
        later = next((index for index, other in handled if other > number), len(record.log))
        if not any(index < later and gap["after"] < mid <= gap["through"] for index, gap in gaps):
            untold.append(number)
    found.lost = len(untold)
    if untold:
        found.problems.append(f"lost without a word: {_ranges(untold)} of {len(record.mids)} events")


def _judge_gaps(
    record: Record, handled: list[tuple[int, int]], gaps: list[tuple[int, Any]], found: Findings
) -> None:
    seen = {number for _, number in handled}
    found.announced = len(gaps)
    reasons = set()
    before = record.mids[record.first]
    for loss in record.losses:
        if loss.through < before:
            continue  # the tab came later
        taken = [number for number, mid in enumerate(record.mids) if before < mid <= loss.through]
        before = loss.through
        if not loss.total and seen.issuperset(taken):
            continue
        # A loss that the page had not heard of when the next came makes one gap with it.
        told = next((index for index, gap in gaps if gap["after"] < loss.through <= gap["through"]), None)
        if told is None and not record.is_whole:
            continue
        if told is None:
            found.made += 1
            found.problems.append(f"a loss was not told: through {loss.through}")
            continue
        reasons.add(told)
        early = [number for index, number in handled if index < told and record.mids[number] > loss.through]
        if early:
            found.problems.append(
                f"{len(early)} events behind a loss came before it was told: {_ranges(early)}"
            )
    found.made += len(reasons)
    ends = {loss.through for loss in record.losses}
    for index, gap in gaps:
        if index not in reasons or gap["through"] not in ends:
            found.problems.append(f"a gap was told that nothing made: {gap}")


def _object(entry: Any) -> dict[str, Any]:
    return entry if isinstance(entry, dict) else {}


def _ranges(numbers: list[int]) -> str:
    """``1-3, 7`` for 1, 2, 3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(one) if one == other else f"{one}-{other}" for one, other in parts[:10])
