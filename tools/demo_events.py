"""The events of the demo, and which handlers of its pages must see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

USER, GUEST = 1, -1


class DemoError(Exception):
    """The demo did not show what it should; the text says what was missing."""


@dataclass(frozen=True)
class Event:
    """One event of the demo, and the handlers of the demo page that must see it.

    Attributes:
        kind: What it shows.
        target: The user or (negative) guest it is for; None: everybody.
        module: Its module.
        command: Its command.
        params: Its params.
        handlers: Names as for ``BX.addCustomEvent``.
        sender: The user whose page sends it; None: the back end does.
    """

    kind: str
    target: int | None
    module: str
    command: str
    params: dict[str, Any]
    handlers: tuple[str, ...]
    sender: int | None = None

    def is_for(self, visitor: int) -> bool:
        """Whether this visitor's page must see it."""
        return self.target in (visitor, None)


def handlers_of(family: str, module: str) -> tuple[str, ...]:
    """The handlers of a module's events, desktop and mobile: those of the module first, then those of all."""
    return f"{family}Event-{module}", f"{family}Event", f"{family}-{module}", family


EVENTS = (
    Event(
        kind="private, module test",
        target=USER,
        module="test",
        command="hello",
        params={"text": "Only user 1 sees this."},
        handlers=handlers_of("onPull", "test"),
    ),
    Event(
        kind="private, module main",
        target=USER,
        module="main",
        command="check",
        params={"a": 1},
        handlers=handlers_of("onPull", "main"),
    ),
    Event(
        kind="online presence",
        target=USER,
        module="online",
        command="user_status",
        params={"users": {"2": {"status": "online"}}},
        handlers=("onPullOnlineEvent", "onPullOnline"),
    ),
    Event(
        kind="guest -1",
        target=GUEST,
        module="test",
        command="welcome",
        params={"text": "Only guest -1 sees this."},
        handlers=handlers_of("onPull", "test"),
    ),
    Event(
        kind="sent by a page",
        target=USER,
        module="test",
        command="wave",
        params={"text": "The page of user 1 sent this."},
        handlers=handlers_of("onPullClient", "test"),
        sender=USER,
    ),
    # Last: what was not for a page would have reached it before this one.
    Event(
        kind="shared",
        target=None,
        module="test",
        command="news",
        params={"text": "Everybody sees this."},
        handlers=handlers_of("onPull", "test"),
    ),
)


@dataclass
class Seen:
    """What one page's handlers received.

    Attributes:
        visitor: Whose page it is.
        calls: ``{"handler": …, "args": […]}`` each, in the order of the calls.
        debug: ``BX.PULL.getDebugInfo()``.
    """

    visitor: int
    calls: list[dict[str, Any]]
    debug: dict[str, Any] = field(default_factory=dict)


def called(call: dict[str, Any]) -> tuple[str, str, str, Any, Any]:
    """Handler, module, command, params and extra of a call, whatever the handler's arguments are."""
    name, args = call["handler"], call["args"]
    family, _, module = name.partition("-")
    if family in ("onPullEvent", "onPullClientEvent"):
        return (name, module, *args) if module else (name, *args)
    if name == "onPullOnlineEvent":
        return name, "online", *args
    data = args[0]
    module = "online" if name == "onPullOnline" else data["module_id"]
    return name, module, data["command"], data["params"], data["extra"]


def expected(visitor: int, events: Iterable[Event] = EVENTS) -> list[tuple[str, str, str, Any]]:
    """Handler, module, command and params of every call that this visitor's page must see."""
    return [
        (handler, event.module, event.command, event.params)
        for event in events
        if event.is_for(visitor)
        for handler in event.handlers
    ]


def differences(seen: Seen) -> list[str]:
    """A sentence for each call that is missing and for each that should not be there."""
    wanted = expected(seen.visitor)
    got = [called(call)[:4] for call in seen.calls]
    sentences = []
    for handler, module, command, params in wanted:
        if (handler, module, command, params) in got:
            got.remove((handler, module, command, params))
        else:
            sentences.append(f"{who(seen.visitor)}: {handler} did not get {module}/{command}")
    for handler, module, command, _params in got:
        sentences.append(f"{who(seen.visitor)}: {handler} got {module}/{command}, which it should not")
    return sentences


def who(visitor: int) -> str:
    """The visitor in words."""
    return f"guest {visitor}" if visitor < 0 else f"user {visitor}"
