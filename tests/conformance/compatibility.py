"""Compares observed transcripts with the golden ones, and says it in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tests.conformance.normalise import milestones

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
_SIGNED = r"<channel \d>(:<channel \d>|%3A<channel \d>)?\.<signature>"
_ADDRESS = r"(ws|http)://<host>/bitrix/sub(ws)?/\?"
_REST = r"(&(binaryMode|jsonRpc)=true)?(&mid=<mid>)?&revision=19"

ALLOWED = (
    Allowed(
        where=r".*/debug_info/Path",
        golden=rf"{_ADDRESS}(CHANNEL_ID={_SIGNED}%2F{_SIGNED}|token=<jwt>){_REST}",
        ours=rf"{_ADDRESS}(CHANNEL_ID={_MARK}/{_MARK}|token={_MARK}){_REST}",
        what="`getDebugInfo()`: `Path`",
        shipped="shows the signed channel ids or the token",
        bxpull="shows a fingerprint of each",
        why="Debug info is pasted into tickets; whoever has them can read the user's events.",
    ),
    Allowed(
        where=r".*/debug_info/ChannelID",
        golden=_SIGNED,
        ours=_MARK,
        what="`getDebugInfo()`: `ChannelID`",
        shipped="shows the signed channel id",
        bxpull="shows its fingerprint",
        why="The same.",
    ),
    Allowed(
        where=r"jsonrpc/steps/sendMessageToChannels.*/(page|server)/\d",
        golden="None",
        ours=r"\['onPullClientEvent.*|\['subscribe client'.*|\{'sent_text': 'mack:<mid>'\}",
        what="`sendMessageToChannels()` to one's own public id, version 5",
        shipped="sent the same; the server of that run did not deliver it",
        bxpull="gets the message and acknowledges it",
        why="Our server delivers to public ids in every version.",
    ),
    Allowed(
        where=r".*/steps/reload page/server/\d/(closed|reason)",
        golden=r"1001|",
        ours=r"1000|page hidden",
        what="WebSocket of a page that is left",
        shipped="is closed by the browser, with 1001",
        bxpull="is closed by the client, with 1000",
        why="Browsers keep no page with an open connection for the way back.",
    ),
    Allowed(
        where=r".*/local_storage(_keys)?/\d",
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
        "random, up to 5 s, growing to 30 s",
        "A restarted server is found again quickly, and not by everybody at once.",
    ),
    (
        "A server that offers to tell of lost events (`server.verdict`; ours does, but for `--no-verdict`)",
        "does not ask",
        "asks with every connection (`verdict=true`); see [Gaps](client.md#gaps)",
        "The page is told of a gap. A real Bitrix server offers nothing, and is asked nothing: as above.",
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


def differences(name: str, golden: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    """Every difference between two normalised transcripts; all places begin with ``name``."""
    return list(_walk(name, _by_name(golden), _by_name(ours)))


def unexplained(found: Sequence[Difference]) -> list[Difference]:
    """The differences that nobody allowed."""
    return [difference for difference in found if not any(item.covers(difference) for item in ALLOWED)]


def unused(found: Sequence[Difference]) -> list[Allowed]:
    """What is allowed and did not happen."""
    return [item for item in ALLOWED if not any(item.covers(difference) for difference in found)]


def text(golden: dict[str, dict[str, Any]], found: Sequence[Difference]) -> str:
    """What docs/compatibility.md says of these runs.

    Args:
        golden: The golden transcripts by name.
        found: The differences of all of them.
    """
    return _TEXT.format(
        tables="\n".join(_table(name, transcript, found) for name, transcript in golden.items()),
        allowed="\n".join(f"| {a.what} | {a.shipped} | {a.bxpull} | {a.why} |" for a in ALLOWED),
        elsewhere="\n".join(f"| {' | '.join(row)} |" for row in ELSEWHERE),
    )


def _table(name: str, golden: dict[str, Any], found: Sequence[Difference]) -> str:
    rows = [_row(name, step, found) for step in golden["steps"]]
    guest = _verdict(golden["guest"]["server"], "request", f"{name}/guest/server/", found)
    return _TABLE.format(
        version=golden["server_version"],
        transport={"websocket": "WebSocket"}.get(golden["transport"], golden["transport"]),
        name=name,
        rows="\n".join([*rows, f"| start() of a guest | | {guest} | |"]),
    )


def _row(name: str, step: dict[str, Any], found: Sequence[Difference]) -> str:
    start = f"{name}/steps/{step['step']}/"
    cells = [
        _verdict(step[part], noun, f"{start}{part}/", found)
        for part, noun in (("page", "call"), ("server", "request"), ("console", "line"))
    ]
    return f"| {step['step']} | {' | '.join(cells)} |"


def _verdict(entries: list[Any], noun: str, start: str, found: Sequence[Difference]) -> str:
    if any(difference.where.startswith(start) for difference in found):
        return "differs, see below"
    count = milestones(entries) if noun == "request" else len(entries)
    return f"same, {count} {noun}{'s' if count > 1 else ''}" if count else "nothing"


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
            yield from _walk(f"{where}/{key}", golden.get(key), ours.get(key))
    elif isinstance(golden, list) and isinstance(ours, list):
        for position, (left, right) in enumerate(zip_longest(golden, ours)):
            yield from _walk(f"{where}/{position}", left, right)
    elif golden != ours or type(golden) is not type(ours):
        yield Difference(where, golden, ours)


_TABLE = """\
### Version {version}, {transport}

`tests/conformance/golden/{name}.json`

| Step | Page code | Server | Console |
| --- | --- | --- | --- |
{rows}
"""

_TEXT = """\
What a shipped client (API revision 19) was seen to do, from outside, in Chromium, is kept in
`tests/conformance/golden/`, a file for each wire format and one for long polling: for each step, which
handlers of the page were called with what, in order, and which requests and frames reached the server. A test
leads a page with our client through the same steps. Values that change, such as ids and times, are masked;
query strings and form bodies are compared by their fields, binary frames byte for byte.

{tables}
### Deliberate differences in these steps

| Where | Shipped client | bxpull | Why |
| --- | --- | --- | --- |
{allowed}

### Deliberate differences elsewhere

| Where | Shipped client | bxpull | Why |
| --- | --- | --- | --- |
{elsewhere}
"""
