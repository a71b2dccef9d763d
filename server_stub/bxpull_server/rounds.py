"""What comes round again and again for each of thousands, by one timer for all of them."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from bxpull_server.clock import Clock, Timer

TOGETHER_S = 0.05
# Clocks are read more finely than timers are set.
_ACCURACY_S = 0.002
_log = logging.getLogger(__name__)
Member = TypeVar("Member")


class Rounds(Generic[Member]):
    """Calls for each member once in an interval, from one interval after it has joined.

    A timer of its own would cost each member more than most calls do, and wake the server for it alone. So
    those who join shortly after each other have their turns together: some up to :data:`TOGETHER_S` early.

    Args:
        clock: Timers.
        interval_s: The interval in seconds.
        call: Called with a member; it may let this one and others leave.
    """

    def __init__(self, clock: Clock, interval_s: float, call: Callable[[Member], object]) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._call = call
        # In the order of their turns; who is new is the last.
        self._groups: deque[Group[Member]] = deque()
        self._timer: Timer | None = None

    def join(self, member: Member) -> "Group[Member]":
        """Call for it from now on, until it leaves this group."""
        due = self._clock.monotonic() + self._interval_s
        if not self._groups or self._groups[-1].due < due - TOGETHER_S:
            self._groups.append(Group(due, self._drop))
        group = self._groups[-1]
        group.members[member] = None
        self._wait()
        return group

    def _wait(self) -> None:
        if self._timer is None and self._groups:
            delay_s = self._groups[0].due - self._clock.monotonic()
            self._timer = self._clock.call_later(max(0, delay_s), self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = self._clock.monotonic() + _ACCURACY_S
        is_in_order = True
        while self._groups and self._groups[0].due <= now:
            group = self._groups.popleft()
            # Not from now on: groups that were late together would stay together, more and more of them.
            missed = (now - group.due) // self._interval_s
            group.due += self._interval_s * (1 + missed)
            is_in_order = is_in_order and not missed
            self._groups.append(group)
            for member in tuple(group.members):
                if member in group.members:
                    self._call_for(member)
        if not is_in_order:
            self._groups = deque(sorted(self._groups, key=lambda group: group.due))
        self._wait()

    def _call_for(self, member: Member) -> None:
        try:
            self._call(member)
        except Exception:  # noqa: BLE001 - the others have their turns
            _log.exception("%r failed", self._call)

    def _drop(self, group: "Group[Member]") -> None:
        self._groups.remove(group)
        if not self._groups and self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Group(Generic[Member]):
    """Members who have their turns together.

    Attributes:
        due: When, by the monotonic clock.
        members: They.

    Args:
        due: See above.
        on_empty: Called with it when the last has left.
    """

    __slots__ = ("_on_empty", "due", "members")

    def __init__(self, due: float, on_empty: "Callable[[Group[Member]], None]") -> None:
        self.due = due
        self.members: dict[Member, None] = {}
        self._on_empty = on_empty

    def leave(self, member: Member) -> None:
        """Call for it no more; does nothing if it has left."""
        if member in self.members:
            del self.members[member]
            if not self.members:
                self._on_empty(self)
