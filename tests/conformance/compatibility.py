"""Compares an observed transcript with the golden one, and writes docs/compatibility.md about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Difference:
    """A place where the two transcripts are not the same; None stands for nothing.

    Attributes:
        where: Keys and positions from the outside in, joined by slashes.
        golden: What is there in the golden transcript.
        ours: What is there in ours.
    """

    where: str
    golden: Any
    ours: Any


@dataclass(frozen=True)
class Allowed:
    """A deliberate difference.

    Attributes:
        where: Pattern of the places.
        golden: Pattern of what the shipped client shows there.
        ours: Pattern of what ours shows there.
        what: The places in words.
        shipped: What the shipped client does, in words.
        bxpull: What ours does, in words.
        why: The reason.
    """

    where: str
    golden: str
    ours: str
    what: str
    shipped: str
    bxpull: str
    why: str

    def covers(self, difference: Difference) -> bool:
        """Whether this is the difference meant."""
        parts = zip(
            (self.where, self.golden, self.ours),
            (difference.where, difference.golden, difference.ours),
            strict=True,
        )
        return all(re.fullmatch(pattern, str(text)) for pattern, text in parts)


_MARK = "#[0-9a-f]{8}"
_SIGNED = r"<channel \d>\.<signature>"

ALLOWED = (
    Allowed(
        where=r"(guest/)?debug_info/Path",
        golden=rf"ws://<host>/bitrix/subws/\?CHANNEL_ID={_SIGNED}%2F{_SIGNED}&revision=19",
        ours=rf"ws://<host>/bitrix/subws/\?CHANNEL_ID={_MARK}/{_MARK}&revision=19",
        what="`getDebugInfo()`: `Path`",
        shipped="shows the signed channel ids",
        bxpull="shows a fingerprint of each",
        why="Debug info is pasted into tickets; whoever has a signed id can read the user's events.",
    ),
    Allowed(
        where=r"(guest/)?debug_info/ChannelID",
        golden=_SIGNED,
        ours=_MARK,
        what="`getDebugInfo()`: `ChannelID`",
        shipped="shows the signed channel id",
        bxpull="shows its fingerprint",
        why="The same.",
    ),
    Allowed(
        where=r"local_storage/\d|guest/local_storage_keys/\d",
        golden=r"bx-pull--?1-s1-bx-pull-(longpolling|websocket)-blocked",
        ours="None",
        what="Local storage after the start",
        shipped="notes that neither WebSocket nor long polling is blocked",
        bxpull="notes nothing",
        why="There is nothing to remember.",
    ),
)

# Not seen in the run, which has no long outage, no throwing handler and one kind of page.
ELSEWHERE = (
    (
        "Mobile handlers (`onPull-M`, `onPull`, `onPullOnline`)",
        "are not called on the page of the run",
        'are called on every page, after the desktop ones, unless built with `events = "desktop"`',
        "The documented mobile examples can be tried on any page. The run above has them off.",
    ),
    (
        "A handler that throws",
        "stops the other handlers of the event",
        "stops nobody; the error goes to the console and to the window's `error` event",
        "One part of a page must not silence another.",
    ),
    (
        "Waiting time before a reconnect",
        "15 s, growing to an hour",
        "random, up to 0.5 s, growing to 30 s",
        "A restarted server is found again quickly, and not by everybody at once.",
    ),
    (
        "A handler of one module that expects `(module_id, command, params)`",
        "passes `(command, params, extra)`",
        "passes the same, and warns once while capture or logging is on",
        "The public documentation has such an example, and it does not work.",
    ),
    (
        "A frame with one damaged message",
        "takes the rest of the frame along",
        "loses that message alone, with a warning",
        "The others are sound.",
    ),
)


def differences(golden: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """Every difference between two normalised transcripts."""
    return list(_walk("", _by_name(golden), _by_name(ours)))


def unexplained(found: Sequence[Difference]) -> list[Difference]:
    """The differences that nobody allowed."""
    return [difference for difference in found if not any(item.covers(difference) for item in ALLOWED)]


def unused(found: Sequence[Difference]) -> list[Allowed]:
    """What is allowed and did not happen."""
    return [item for item in ALLOWED if not any(item.covers(difference) for difference in found)]


def table(golden: dict[str, Any], found: Sequence[Difference]) -> str:
    """The text of docs/compatibility.md."""
    rows = [_row(step, found) for step in golden["steps"]]
    guest = _verdict(golden["guest"]["server"], "request", "guest/server/", found)
    return _TEXT.format(
        steps="\n".join([*rows, f"| start() of a guest | | {guest} | |"]),
        allowed="\n".join(f"| {a.what} | {a.shipped} | {a.bxpull} | {a.why} |" for a in ALLOWED),
        elsewhere="\n".join(f"| {' | '.join(row)} |" for row in ELSEWHERE),
    )


def _row(step: dict[str, Any], found: Sequence[Difference]) -> str:
    start = f"steps/{step['step']}/"
    cells = [
        _verdict(step[part], noun, f"{start}{part}/", found)
        for part, noun in (("page", "call"), ("server", "request"), ("console", "line"))
    ]
    return f"| {step['step']} | {' | '.join(cells)} |"


def _verdict(entries: list[Any], noun: str, start: str, found: Sequence[Difference]) -> str:
    if any(difference.where.startswith(start) for difference in found):
        return "differs, see below"
    return f"same, {len(entries)} {noun}{'s' if len(entries) > 1 else ''}" if entries else "nothing"


def _by_name(transcript: dict[str, Any]) -> dict[str, Any]:
    """Steps under their names, so that a place can be told in words."""
    return {**transcript, "steps": {step["step"]: step for step in transcript["steps"]}}


def _walk(where: str, golden: Any, ours: Any) -> Iterator[Difference]:
    if where.endswith(("local_storage", "local_storage_keys")):
        # Sets of names: what is missing or new, one by one.
        pairs = [(name, None) for name in golden if name not in ours]
        pairs += [(None, name) for name in ours if name not in golden]
        for position, (left, right) in enumerate(pairs):
            yield Difference(f"{where}/{position}", left, right)
    elif isinstance(golden, dict) and isinstance(ours, dict):
        for key in dict.fromkeys([*golden, *ours]):
            yield from _walk(f"{where}/{key}".lstrip("/"), golden.get(key), ours.get(key))
    elif isinstance(golden, list) and isinstance(ours, list):
        for position, (left, right) in enumerate(zip_longest(golden, ours)):
            yield from _walk(f"{where}/{position}", left, right)
    elif golden != ours or type(golden) is not type(ours):
        yield Difference(where, golden, ours)


_TEXT = """\
# Compatibility with shipped clients

Written by `pytest tests/conformance --write-compatibility`; a test fails when it is out of date.

What a shipped client (API revision 19) was seen to do, from outside, in Chromium against a push server of
version 3 is kept in `tests/conformance/golden/text.json`: for each step, which handlers of the page were
called with what, in order, and which requests reached the server. The test leads a page with our client
through the same steps. Values that change, such as ids and times, are masked; query strings and form bodies
are compared by their fields.

| Step | Page code | Server | Console |
| --- | --- | --- | --- |
{steps}

## Deliberate differences in these steps

| Where | Shipped client | bxpull | Why |
| --- | --- | --- | --- |
{allowed}

## Deliberate differences elsewhere

| Where | Shipped client | bxpull | Why |
| --- | --- | --- | --- |
{elsewhere}
"""
