"""What pages were told, as a capture; and captures that are told to pages."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bxpull_server.capture.lines import Capture, CaptureSource, line_of, read_capture
from bxpull_server.capture.receivers import told_to
from bxpull_server.capture.timing import AT_ONCE, check_speed, with_due_times
from bxpull_server.harness.expectations import WAIT_S
from bxpull_server.harness.matching import ANY, BxName, Wanted
from bxpull_server.harness.recording import HandlerCall, PullEvent
from bxpull_server.harness.steps import Blocking
from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.fingerprint import redacted

if TYPE_CHECKING:
    import os

    from bxpull_server.harness.event_steps import Looking
    from bxpull_server.harness.pull_harness import BaseUser
    from bxpull_server.harness.steps import Steps


def replay(user: BaseUser, capture: CaptureSource, *, speed: float = AT_ONCE) -> Steps[Capture]:
    """Send all events of a capture to this user, in the order of its lines, whoever they were for.

    ::

        for event in pull_user(1).replay("capture.jsonl").events:
            pull_events.expect(event.module, event.command, params=event.params)

    Args:
        user: Who is told; the object whose method it is.
        capture: A file of JSON Lines, or lines; see :meth:`bxpull_server.PushServer.replay`.
        speed: 0: at once; 1: as far apart as they were; 2: twice as fast. With ``pull_clock`` its time is
            moved; without it that takes real time.

    Returns:
        What was replayed, ``events``, as this user is told it, and ``left_out``.

    Raises:
        CaptureError: The capture cannot be read or used; nothing was sent.
        ValueError: There is no such speed.
    """
    given = read_capture(capture)
    given.check_any()
    check_speed(speed)
    found = replace(given, events=tuple(told_to(event, user.id) for event in given.events))
    server, clock, users = user.core.server, user.core.clock, [user.id]
    if clock is None:
        yield Blocking(lambda: server.replay(found, users=users, speed=speed))
        return found
    moment = 0.0
    for event, due_s in with_due_times(found.events, speed):
        if due_s > moment:
            clock.advance(due_s - moment)
            moment = due_s
        server.replay(Capture(found.name, (event,)), users=users)
    return found


def expect_capture(
    looking: Looking,
    capture: CaptureSource,
    *,
    calls: bool = True,
    page: Any = None,
    user: int | None = None,
    timeout: float = WAIT_S,
) -> Steps[None]:
    """Wait until everything that was sent so far is handled, and look that all of a capture is among it.

    As :meth:`expect` and :meth:`expect_call` for each of its events, but once for thousands of them.

    Args:
        looking: Who looks; the object whose method it is.
        capture: What was replayed: a file, lines, or what ``replay()`` has returned.
        calls: Expect a call of each handler that a line names in ``calls``, and of any one if it does not
            say; False: the events only.
        page: Only in this page.
        user: Only in the pages of this user or guest.
        timeout: How long it may take, seconds.

    Raises:
        ExpectationError: An event or a call is missing; shows what came instead, nearest first.
    """
    __tracebackhide__ = True
    found = read_capture(capture)
    found.check_any()
    tabs = looking.core.tabs_of(page, user)
    yield from looking.looks.settle(tabs, timeout)
    there = Counter(map(_wanted_of, looking.looks.all_of(PullEvent, tabs)))
    for call in looking.looks.all_of(HandlerCall, tabs):
        there[_wanted_of(call)] += 1
        there[_wanted_of(call, call.on)] += 1
    so_far: Counter[str] = Counter()
    for event in found.events:
        kinds: list[tuple[type[Any], str | None]] = [(PullEvent, None)]
        if calls:
            kinds += [(HandlerCall, on) for on in ((None,) if event.calls is None else event.calls)]
        for kind, on in kinds:
            key = dump_json([kind.__name__, on and on.lower(), event.module, event.command, event.params])
            so_far[key] += 1
            if there[key] < so_far[key]:
                # It is not there as it stands: it may be in other words, such as 1.0 for 1, or in more.
                wanted = Wanted(
                    BxName(event.module),
                    event.command,
                    event.params,
                    on=ANY if on is None else BxName(on),
                )
                yield from looking.looks.expect(kind, wanted, tabs, count=so_far[key], timeout_s=0)


def _wanted_of(entry: PullEvent | HandlerCall, on: str | None = None) -> str:
    """What it has in common with the line it was told by."""
    return dump_json(
        [type(entry).__name__, on and on.lower(), entry.module.lower(), entry.command, entry.params]
    )


def to_lines(looking: Looking, *, page: Any = None, user: int | None = None) -> Steps[list[str]]:
    """What pages were told so far, as the lines of a capture; with secrets as fingerprints.

    An event that several pages were told is one line, where the server gives it an id.

    Args:
        looking: Who looks; the object whose method it is.
        page: Only what this page was told.
        user: Only what the pages of this user or guest were told.
    """
    tabs = looking.core.tabs_of(page, user)
    yield from looking.looks.fetch()
    calls = _calls(looking.looks.all_of(HandlerCall, tabs))
    mids: set[str] = set()
    lines: list[str] = []
    for event in looking.looks.all_of(PullEvent, tabs):
        mid = event.extra.get("mid") if isinstance(event.extra, dict) else None
        if isinstance(mid, str):
            if mid in mids:
                continue
            mids.add(mid)
        lines.append(line_of(_fields(event, calls[_key(event)]), event.at))
    return lines


def capture(
    looking: Looking, file: str | os.PathLike[str], *, page: Any = None, user: int | None = None
) -> Steps[list[str]]:
    """Write what pages were told so far into a file, for :meth:`replay` and ``bxpull gen-test``.

    Args:
        looking: As for :meth:`to_lines`.
        file: Where to; what is there already is replaced.
        page: As for :meth:`to_lines`.
        user: As for :meth:`to_lines`.

    Returns:
        The lines.
    """
    lines = yield from to_lines(looking, page=page, user=user)
    yield Blocking(lambda: Path(file).write_text("".join(f"{line}\n" for line in lines), "utf-8"))
    return lines


def _calls(calls: list[HandlerCall]) -> dict[str, list[str]]:
    """By page and event: what the handlers that were called with it are registered for, each once."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for call in calls:
        found[_key(call)][call.on] = None
    return defaultdict(list, {key: list(names) for key, names in found.items()})


def _key(entry: PullEvent | HandlerCall) -> str:
    return dump_json([entry.page, entry.module.lower(), entry.command, entry.params])


def _fields(event: PullEvent, calls: list[str]) -> dict[str, Any]:
    fields = {
        "module": event.module,
        "command": event.command,
        "params": redacted(event.params),
        "extra": redacted(event.extra),
        "calls": calls,
    }
    return fields if event.type == "server" else {**fields, "kind": event.type}
