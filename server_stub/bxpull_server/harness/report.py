"""What a failing test leaves in its report: what the server sent, what pages were told, how they are."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.expectations import describe, shortened
from bxpull_server.harness.recording import HandlerCall, HandlerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bxpull_server import PushServer
    from bxpull_server.harness.core import Core
    from bxpull_server.harness.steps import Steps
    from bxpull_server.harness.tab import Tab

_NEWEST = 50
_MAX_NAME = 100


def sections(core: Core, folder: Path, test_id: str) -> Steps[list[tuple[str, str]]]:
    """Title and text of each part of the report; screenshots are written to ``folder``."""
    found = [("pull server", _server_log(core.server))]
    for number, tab in enumerate(core.tabs, 1):
        try:
            yield from tab.fetch()
            if tab.is_closed():
                end = "the page has crashed" if tab.crashed else "the page was closed"
                found.append((f"pull {tab.name}", "\n".join([end, *_told(tab)])))
                continue
            info = yield from tab.debug_info()
            shot = folder / f"{_slug(test_id)}-{number}.png"
            folder.mkdir(parents=True, exist_ok=True)
            yield lambda tab=tab, shot=shot: tab.surface.screenshot(str(shot))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - the report must not hide what it is about
            found.append((f"pull {tab.name}", f"the page could not be asked: {error}"))
            continue
        found.append((f"pull {tab.name}", _page_log(tab, info, shot)))
    return found


def _server_log(server: PushServer) -> str:
    try:
        requests: Sequence[Any] = server.requests
        connections = server.connections()
        faults = server.faults.entries()
        events = server.published()
    except Exception as error:  # noqa: BLE001 - see above
        return f"the server could not be asked: {error}"
    lines = [f"requests ({len(requests)}, the newest {_NEWEST}):"]
    lines += [f"  {entry}" for entry in requests[-_NEWEST:]]
    lines.append(f"published ({len(events)}, the newest {_NEWEST}):")
    lines += [f"  {_event(event)}" for event in events[-_NEWEST:]]
    lines.append("connections:" if connections else "connections: none")
    lines += [f"  {connection}" for connection in connections]
    lines += [f"fault {entry.number}: {entry.fault}, struck {entry.struck} times" for entry in faults]
    return "\n".join(lines)


def _event(event: dict[str, Any]) -> str:
    targets = ", ".join(_target(target) for target in event["targets"])
    what = f"{event['module']}/{event['command']} {shortened(event['params'])}"
    return f"{event['time'][11:23]} {what} to {targets}: {event['delivered']} connections, mid {event['mid']}"


def _target(target: dict[str, Any]) -> str:
    user = target.get("user")
    if user is None:
        return "everybody" if target["channel"] == "shared" else str(target["channel"])
    return f"user {user}" if user > 0 else f"guest {user}"


def _told(tab: Tab) -> list[str]:
    calls = [entry for entry in tab.entries if isinstance(entry, HandlerCall)]
    errors = [entry for entry in tab.entries if isinstance(entry, HandlerError)]
    lines = [f"told ({len(tab.entries)}, the newest {_NEWEST}; {len(calls)} calls of handlers):"]
    lines += [f"  {_time(entry.at)} {describe(entry)}" for entry in tab.entries[-_NEWEST:]]
    return lines + _stacks(errors)


def _page_log(tab: Tab, info: dict[str, Any] | None, shot: Path) -> str:
    lines = _told(tab)
    lines.append("debug info:" if info else "debug info: there is no client")
    lines += [f"  {name}: {value}" for name, value in (info or {}).items()]
    lines.append(f"screenshot: {shot}")
    return "\n".join(lines)


def _stacks(errors: Iterable[HandlerError]) -> list[str]:
    return [line for error in errors for line in (f"error: {error}", *error.stack.splitlines()[:8])]


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _slug(test_id: str) -> str:
    name = re.sub(r"[^A-Za-z0-9.]+", "-", test_id).strip("-")[-_MAX_NAME:]
    # Other tests may have the same letters and digits.
    return f"{name}-{zlib.crc32(test_id.encode()):08x}"
