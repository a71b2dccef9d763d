"""What a page was told, and the search in it; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class PullEvent:
    """An event that reached a page.

    Attributes:
        module: Module id.
        command: Command.
        params: What page code was given.
        extra: The same: ``extra["mid"]`` names the event where the server says it.
        type: ``server``, ``client`` (published by a page) or ``online`` (presence).
        at: Unix time in seconds, of the page.
        page: Whose page: the user's id, and with several tabs of one user the tab's number.
    """

    module: str
    command: str
    params: Any = None
    extra: Any = None
    type: str = "server"
    at: float = 0.0
    page: str = ""


@dataclass(frozen=True)
class HandlerCall:
    """A call of a handler that the page registered while the harness looked.

    Attributes:
        on: What it is registered for: ``onPullEvent-im``, ``subscribe server im/message``.
        handler: The function's name, ``anonymous`` without one.
        module: Module id of the event.
        command: Its command.
        params: What the handler was given.
        at: Unix time in seconds, of the page.
        page: Whose page, as in :class:`PullEvent`.
    """

    on: str
    handler: str
    module: str
    command: str
    params: Any = None
    at: float = 0.0
    page: str = ""


@dataclass(frozen=True)
class HandlerError:
    """A handler that threw, or whose promise was rejected; or an error of the page outside of handlers.

    Attributes:
        message: Of the error.
        on: What the handler is registered for; "": it was none, or one that the harness does not know.
        handler: The function's name.
        module: Module id of the event.
        command: Its command.
        stack: As the browser gives it.
        at: Unix time in seconds, of the page.
        page: Whose page, as in :class:`PullEvent`.
    """

    message: str
    on: str = ""
    handler: str = ""
    module: str = ""
    command: str = ""
    stack: str = field(default="", repr=False)
    at: float = 0.0
    page: str = ""

    def __str__(self) -> str:
        if not self.on:
            return self.message
        return f"{self.message} (handler {self.handler} of {self.on}, {self.module}/{self.command})"


@dataclass(frozen=True)
class Notice:
    """Something the client told of itself.

    Attributes:
        kind: ``status`` or ``gap``.
        value: The status, or the gap's ``after`` and ``through``.
        at: Unix time in seconds, of the page.
        page: Whose page, as in :class:`PullEvent`.
    """

    kind: str
    value: Any
    at: float = 0.0
    page: str = ""


Entry = PullEvent | HandlerCall | HandlerError | Notice


def entry_of(raw: Mapping[str, Any], page: str) -> Entry:
    """An entry of the recorder in the page."""
    at = raw["at"] / 1000
    match raw["kind"]:
        case "event":
            return PullEvent(
                raw["module"], raw["command"], raw["params"], raw["extra"], raw["type"], at, page
            )
        case "call":
            return HandlerCall(
                raw["on"], raw["handler"], raw["module"], raw["command"], raw["params"], at, page
            )
        case "error":
            where = (raw["on"], raw["handler"], raw["module"], raw["command"])
            return HandlerError(_readable(raw["message"]), *where, _readable(raw["stack"]), at, page)
        case "pageerror":
            stack = _readable(raw.get("stack", ""))
            return HandlerError(_readable(raw["message"]), stack=stack, at=at, page=page)
        case kind:
            return Notice(kind, raw[kind], at, page)


def _readable(text: str) -> str:
    """The text as a report can have it: JavaScript's may have halves of characters, which have no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
