"""bxpull_server.faults.plan."""

import pytest

from bxpull_server.errors import EventError
from bxpull_server.faults.fault import Fault, Moment
from bxpull_server.faults.plan import FaultPlan


def kinds(plan: FaultPlan, user: int = 1, connection: int = 1) -> list[str]:
    return [rule.fault.kind for rule in plan.striking(Moment.MESSAGE, user, connection)]


def test_a_fault_strikes_as_often_as_it_was_told() -> None:
    plan = FaultPlan()
    assert not plan.active
    plan.add(Fault("duplicate", times=2))
    assert [kinds(plan) for _ in range(3)] == [["duplicate"], ["duplicate"], []]
    assert not plan.active
    assert [entry.struck for entry in plan.entries] == [2]


def test_without_a_number_it_strikes_until_it_is_cleared() -> None:
    plan = FaultPlan()
    rule = plan.add(Fault("duplicate", times=None))
    assert [len(kinds(plan)) for _ in range(50)] == [1] * 50
    assert plan.clear(rule.number) == 1
    assert (kinds(plan), plan.entries, plan.active) == ([], [], False)


def test_the_same_seed_decides_the_same_whatever_other_faults_there_are() -> None:
    def decisions(seed: int, others: int) -> list[bool]:
        plan = FaultPlan()
        for number in range(others):
            plan.add(Fault("delay", seconds=1, times=None, probability=0.3, seed=number))
        plan.add(Fault("duplicate", times=None, probability=0.5, seed=seed))
        return ["duplicate" in kinds(plan) for _ in range(64)]

    assert decisions(1, 0) == decisions(1, 3)
    assert decisions(1, 0) != decisions(2, 0)
    assert 16 < sum(decisions(1, 0)) < 48


def test_only_those_meant_are_struck_and_counted() -> None:
    plan = FaultPlan()
    plan.add(Fault("duplicate", user=2))
    plan.add(Fault("malformed", connection=5))
    assert kinds(plan, user=1, connection=1) == []
    assert kinds(plan, user=1, connection=5) == ["malformed"]
    assert kinds(plan, user=2, connection=6) == ["duplicate"]


def test_kinds_have_their_order_and_what_is_not_asked_for_is_not_counted() -> None:
    plan = FaultPlan()
    for kind in ("duplicate", "truncate"):
        plan.add(Fault(kind))
    plan.add(Fault("delay", seconds=1))
    for rule in plan.striking(Moment.MESSAGE, 1, 1):
        if rule.fault.kind == "truncate":
            break
    assert {entry.fault.kind: entry.struck for entry in plan.entries} == {
        "duplicate": 0,
        "truncate": 1,
        "delay": 1,
    }


def test_what_is_not_possible_is_not_counted() -> None:
    plan = FaultPlan()
    plan.add(Fault("reorder"))
    assert list(plan.striking(Moment.MESSAGE, 1, 1, lambda _fault: False)) == []
    assert kinds(plan) == ["reorder"]


def test_a_fault_that_is_not_there_is_named() -> None:
    plan = FaultPlan()
    with pytest.raises(EventError, match="fault: there is no fault 1; there are none"):
        plan.clear(1)
    plan.add(Fault("drop"))
    with pytest.raises(EventError, match="fault: there is no fault 2; there are 1"):
        plan.rule(2)
    plan.add(Fault("drop"))
    assert plan.clear() == 2
