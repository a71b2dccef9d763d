"""Which faults there are and whether one strikes: decided by seeded random numbers, no I/O."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from bxpull_server.errors import EventError
from bxpull_server.faults.fault import KINDS, Fault, Moment


@dataclass(frozen=True, slots=True)
class FaultInfo:
    """A fault and what became of it.

    Attributes:
        number: Names it.
        fault: What it is.
        struck: How often it has struck so far.
    """

    number: int
    fault: Fault
    struck: int


class Rule:
    """A fault at work.

    Attributes:
        number: Names it.
        fault: What it is.
        random: Its own random numbers.
        struck: How often it has struck.
    """

    def __init__(self, number: int, fault: Fault) -> None:
        self.number = number
        self.fault = fault
        self.random = Random(fault.seed)  # noqa: S311 - to be repeated, not to be secret
        self.struck = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.fault.times is not None and self.struck >= self.fault.times

    def strike(self) -> bool:
        """Decide whether it strikes now; counts it."""
        if self.spent or self.random.random() >= self.fault.probability:
            return False
        self.struck += 1
        return True


class FaultPlan:
    """The faults of one server. One that is spent stays listed until it is cleared.

    Attributes:
        active: Whether anything may strike: cheap, for it is asked at every message.
    """

    def __init__(self) -> None:
        self.active = False
        self._numbers = itertools.count(1)
        self._rules: dict[int, Rule] = {}
        self._order: list[Rule] = []

    @property
    def entries(self) -> list[FaultInfo]:
        """All faults, oldest first."""
        return [FaultInfo(rule.number, rule.fault, rule.struck) for rule in self._rules.values()]

    def add(self, fault: Fault) -> Rule:
        """Let a fault strike from now on."""
        rule = Rule(next(self._numbers), fault)
        self._rules[rule.number] = rule
        self.retire_spent()
        return rule

    def clear(self, number: int | None = None) -> int:
        """Forget one fault, or (None) all; returns how many.

        Raises:
            EventError: There is no such fault.
        """
        if number is None:
            count = len(self._rules)
            self._rules.clear()
        else:
            self.rule(number)
            count = 1
            del self._rules[number]
        self.retire_spent()
        return count

    def rule(self, number: int) -> Rule:
        """The fault of this number.

        Raises:
            EventError: There is none.
        """
        rule = self._rules.get(number)
        if rule is None:
            known = ", ".join(map(str, self._rules)) or "none"
            raise EventError("fault", f"there is no fault {number!r:.40}; there are {known}")
        return rule

    def striking(
        self,
        moment: Moment,
        user: int | None,
        connection: int | None,
        possible: Callable[[Fault], bool] = lambda _fault: True,
    ) -> Iterator[Rule]:
        """The faults that strike at this moment, in the order of their kinds.

        Each is decided when it is asked for: who stops asking leaves the rest undecided and uncounted.

        Args:
            moment: What is about to happen.
            user: To whom, if that is known.
            connection: On which connection, if there is one already.
            possible: Whether a fault has something to work on; one that has not is not counted.
        """
        for rule in tuple(self._order):
            fault = rule.fault
            if fault.moment is not moment or not fault.covers(user, connection) or not possible(fault):
                continue
            if rule.strike():
                if rule.spent:
                    self.retire_spent()
                yield rule

    def retire_spent(self) -> None:
        """Ask those no more that have struck as often as they were to."""
        at_work = (rule for rule in self._rules.values() if not rule.spent)
        self._order = sorted(at_work, key=lambda rule: (KINDS.index(rule.fault.kind), rule.number))
        self.active = bool(self._order)
