"""Whom an event of a capture was for, as far as it can be sent to them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bxpull_server.users import MAX_USER

if TYPE_CHECKING:
    from bxpull_server.capture.lines import CapturedEvent


@dataclass(frozen=True)
class Receivers:
    """Who is to get an event.

    Attributes:
        users: Users and guests; empty: everybody.
        user_params: Further params for single ones of them.
    """

    users: tuple[int, ...] = ()
    user_params: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


def own_receivers(event: CapturedEvent) -> Receivers | None:
    """Those its line names; None: it names nobody to whom a portal's server could send it.

    Channels that another portal gave out, and those of applications, are known by name only.
    """
    known = [target for target in event.targets if "application" not in target]
    if any(target.get("channel") == "shared" for target in known):
        return Receivers()
    users = tuple(dict.fromkeys(target["user"] for target in known if _is_user(target.get("user"))))
    return Receivers(users, _additions(event, users)) if users else None


def these_receivers(event: CapturedEvent, users: Iterable[int]) -> Receivers:
    """Other ones; of further params they get what the line says is theirs."""
    them = tuple(dict.fromkeys(users))
    return Receivers(them, _additions(event, them))


def told_to(event: CapturedEvent, user: int) -> CapturedEvent:
    """The event as this user is told it: with the further params that the line says are theirs."""
    own = _additions(event, (user,)).get(user)
    return replace(event, params={**dict(event.params), **own}, targets=()) if own else event


def named_users(events: Iterable[CapturedEvent]) -> list[int]:
    """Users and guests whom the lines name, in ascending order."""
    named = [own_receivers(event) for event in events]
    return sorted({user for receivers in named if receivers for user in receivers.users})


def user_of_page(events: Iterable[CapturedEvent]) -> int:
    """Whose page a test of these events is about: the one user whom the lines name, else 1."""
    users = named_users(events)
    return users[0] if len(users) == 1 and users[0] > 0 else 1


def _additions(event: CapturedEvent, users: tuple[int, ...]) -> dict[int, Mapping[str, Any]]:
    return {
        target["user"]: target["params"]
        for target in event.targets
        if target.get("user") in users and isinstance(target.get("params"), Mapping)
    }


def _is_user(user: object) -> bool:
    # What a server would refuse is known before anything is sent.
    return isinstance(user, int) and not isinstance(user, bool) and 0 < abs(user) <= MAX_USER
