"""Captures: events as JSON Lines, one a line. The one place that knows what a line has in it.

::

    {"time": "2026-11-30T00:26:13.987+00:00", "module": "im", "command": "message", "params": {}, "extra": {}}

Pages, ``bxpull tail --json`` and the harness write them. Further keys:

- ``kind``: ``online`` (presence) or ``client`` (published by a page); without it a Pull event.
- ``targets``: whom it was for, as :mod:`bxpull_server.published` tells it.
- ``sender``: ``page`` is ``client`` in other words.
- ``calls``: what handlers that were called with it are registered for; written by the harness.

All others are nobody's business here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bxpull_server.errors import CaptureError, EventError
from bxpull_server.event_writer import SYSTEM_MODULE
from bxpull_server.protocol.events import dump_json, make_event
from bxpull_server.protocol.strict_json import load_json
from bxpull_server.quoting import quoted
from bxpull_server.status_feed import MODULE as ONLINE_MODULE

MARKER_MODULE = "bxpull_harness"
"""Of the markers that the test harness sends to itself; page code is not told of them."""

LEFT_OUT = {
    "online": "presence, which the server tells by itself",
    "client": "published by pages, which only pages can",
    "system": "commands of the server to the client",
    "harness": "markers of the test harness",
}
"""Kinds of lines that cannot be told again, and what they are."""

_KINDS = ("online", "client")
# What a server says anew of each event.
_MADE_ANEW = frozenset(
    {
        "server_time",
        "server_time_unix",
        "server_time_ago",
        "server_name",
        "revision_web",
        "revision_mobile",
        "mid",
        "sender",
    }
)
_KIND_OF_MODULE = {SYSTEM_MODULE: "system", ONLINE_MODULE: "online", MARKER_MODULE: "harness"}
_EXAMPLE = '{"time": "2026-11-30T00:26:13.987Z", "module": "im", "command": "message", "params": {}}'


@dataclass(frozen=True)
class CapturedEvent:
    """A Pull event of a capture.

    Attributes:
        place: File and line, for messages.
        at: Unix time in seconds.
        module: Module id in lower case, as pages are told it.
        command: Command.
        params: An object, or an empty list.
        extra: Without what the server makes anew.
        targets: Whom it was for; empty: the line does not say.
        calls: What the handlers are registered for that were called; None: the line does not say.
    """

    place: str
    at: float
    module: str
    command: str
    params: Any
    extra: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...] = ()
    calls: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Capture:
    """What a capture has in it.

    Attributes:
        name: What it was read from.
        events: What can be told again, in the order of the lines.
        left_out: How many lines of each kind of :data:`LEFT_OUT` it has beside them.
    """

    name: str
    events: tuple[CapturedEvent, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)

    def only(self, modules: Iterable[str] = (), commands: Iterable[str] = ()) -> Capture:
        """The events of these modules and commands; of none: of all."""
        wanted, those = {module.lower() for module in modules}, set(commands)
        events = tuple(
            event
            for event in self.events
            if (not wanted or event.module in wanted) and (not those or event.command in those)
        )
        return Capture(self.name, events, self.left_out)

    def check_any(self) -> None:
        """Look that there is something to replay.

        Raises:
            CaptureError: There is not.
        """
        if not self.events:
            told = self.told_left_out()
            raise CaptureError(self.name, f"has no event to replay{f'; {told}' if told else ''}")

    def told_left_out(self) -> str:
        """Half a sentence about the lines that cannot be told again; empty if there are none."""
        parts = [f"{count} {kind} ({LEFT_OUT[kind]})" for kind, count in self.left_out.items()]
        return f"lines left out: {', '.join(parts)}" if parts else ""


CaptureSource = str | os.PathLike[str] | Iterable[str | Mapping[str, Any]] | Capture
"""The name of a file; or lines, as text or as the objects they are; or one that was read before."""


def read_capture(source: CaptureSource) -> Capture:
    """Read a capture whole.

    Raises:
        CaptureError: It cannot be read; names file, line and what to do.
    """
    if isinstance(source, Capture):
        return source
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        try:
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CaptureError(str(path), f"cannot be read: {reason}") from None
        return parse_capture(data, str(path))
    return _capture("the capture", source)


def parse_capture(data: bytes, name: str) -> Capture:
    """Read the bytes of a file; ``name`` is for messages.

    Raises:
        CaptureError: As :func:`read_capture`.
    """
    lines: list[str] = []
    # As bytes: JSON's texts may have Unicode's line separators in them.
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise CaptureError(
                f"{name}:{number}", f"is not UTF-8 text (byte {error.start + 1}): save it as UTF-8"
            ) from None
    return _capture(name, lines)


def line_of(fields: Mapping[str, Any], at: float) -> str:
    """A line, without its end.

    Args:
        fields: All but the time.
        at: Unix time in seconds.
    """
    return dump_json({"time": _told(at), **fields})


def _capture(name: str, lines: Iterable[str | Mapping[str, Any]]) -> Capture:
    events: list[CapturedEvent] = []
    left_out: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        if isinstance(line, str) and not line.strip():
            continue
        place = f"{name}:{number}"
        fields = _fields(place, line)
        kind = _kind(place, fields)
        if kind is None:
            events.append(_event(place, fields))
        else:
            left_out[kind] += 1
    return Capture(name, tuple(events), dict(left_out))


def _fields(place: str, line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(line, Mapping):
        return line
    try:
        value = load_json(line.strip())
    except ValueError as error:
        raise CaptureError(
            place, f"is not JSON ({_reason(error)}): each line has to be one event, as {_EXAMPLE}"
        ) from None
    if not isinstance(value, dict):
        raise CaptureError(place, f"is no object: each line has to be one event, as {_EXAMPLE}")
    return value


def _reason(error: ValueError) -> str:
    column = getattr(error, "colno", None)
    return f"{getattr(error, 'msg', error)}{'' if column is None else f' at column {column}'}"


def _kind(place: str, fields: Mapping[str, Any]) -> str | None:
    """Which of :data:`LEFT_OUT` it is; None: a Pull event."""
    kind = fields.get("kind")
    if kind is not None:
        if kind not in _KINDS:
            raise CaptureError(
                place,
                f"kind: {quoted(str(kind))} is neither of {', '.join(_KINDS)}; leave it out for a Pull event",
            )
        return str(kind)
    if fields.get("sender") == "page":
        return "client"
    return _KIND_OF_MODULE.get(str(fields.get("module")).lower())


def _event(place: str, fields: Mapping[str, Any]) -> CapturedEvent:
    extra = fields.get("extra") or {}
    if not isinstance(extra, Mapping):
        raise CaptureError(place, "extra: must be an object, or left out")
    extra = {key: value for key, value in extra.items() if key not in _MADE_ANEW}
    params = fields.get("params")
    for name in ("module", "command"):
        if name not in fields:
            raise CaptureError(place, f"has no {name}: each line has to be one event, as {_EXAMPLE}")
    try:
        # What a server would refuse is known before anything is sent.
        make_event(fields["module"], fields["command"], params, extra)
    except EventError as error:
        raise CaptureError(place, str(error).replace("module_id:", "module:", 1)) from None
    return CapturedEvent(
        place,
        _moment(place, fields.get("time")),
        fields["module"].lower(),
        fields["command"],
        [] if params is None else params,
        extra,
        _list_of(place, fields, "targets", Mapping),
        None if fields.get("calls") is None else _list_of(place, fields, "calls", str),
    )


def _moment(place: str, time: object) -> float:
    """Unix seconds."""
    try:
        moment = datetime.fromisoformat(time)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise CaptureError(
            place, "time: must be the event's, with date and zone, as 2026-11-30T00:26:13.987Z"
        ) from None
    if moment.tzinfo is None:
        raise CaptureError(place, f"time: {quoted(str(time))} has no zone; end it with Z if it is UTC")
    at = moment.timestamp()
    try:
        _told(at)
    except (ValueError, OverflowError):
        raise CaptureError(place, f"time: {quoted(str(time))} is in no year from 1 to 9999 of UTC") from None
    return at


def _told(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _list_of(place: str, fields: Mapping[str, Any], name: str, kind: type) -> tuple[Any, ...]:
    value = fields.get(name) or []
    if not isinstance(value, list | tuple) or not all(isinstance(item, kind) for item in value):
        raise CaptureError(place, f"{name}: is not as it was written; leave it out")
    return tuple(value)
