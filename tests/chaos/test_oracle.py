"""The chaos test can fail: its judge sees each way to break the promise, and a page that does is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chaos.cell import Cell, Place
from tests.chaos.oracle import Loss, Record, judge
from tests.chaos.schedules import Kill, Publish, Schedule, fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.chaos.page_server import PageServer

MIDS = ["10", "20", "30", "40"]


def gap(after: str, through: str) -> dict[str, Any]:
    return {"gap": {"after": after, "through": through}}


def judged(log: list[Any], *losses: Loss) -> tuple[int, int, int, int, int, int]:
    """Lost, twice, out of order, gaps made, gaps announced, number of sentences."""
    found = judge(Record(MIDS, list(losses), log))
    return found.lost, found.twice, found.out_of_order, found.made, found.announced, len(found.problems)


def test_a_whole_log_is_right() -> None:
    assert judged([0, 1, 2, 3]) == (0, 0, 0, 0, 0, 0)


def test_a_missing_event_is_lost() -> None:
    assert judged([0, 2, 3]) == (1, 0, 0, 0, 0, 1)


def test_an_event_that_came_twice_is_seen() -> None:
    assert judged([0, 1, 1, 2, 3]) == (0, 1, 0, 0, 0, 1)


def test_an_event_that_came_late_is_seen() -> None:
    assert judged([0, 2, 1, 3]) == (0, 0, 1, 0, 0, 1)


def test_a_missing_event_in_a_gap_that_was_told_is_not_lost() -> None:
    assert judged([0, gap("10", "20"), 2, 3], Loss("20", total=False)) == (0, 0, 0, 1, 1, 0)


def test_a_gap_that_is_told_after_a_later_event_comes_too_late() -> None:
    lost, _, _, made, announced, problems = judged([0, 2, gap("10", "20"), 3], Loss("20", total=False))
    assert (lost, made, announced, problems) == (1, 1, 1, 2)


def test_a_loss_that_took_nothing_from_the_page_makes_no_gap() -> None:
    assert judged([0, 1, 2, 3], Loss("20", total=False)) == (0, 0, 0, 0, 0, 0)


def test_a_killed_server_makes_a_gap_even_if_nothing_is_missing() -> None:
    assert judged([0, 1, gap("20", "25"), 2, 3], Loss("25", total=True)) == (0, 0, 0, 1, 1, 0)
    assert judged([0, 1, 2, 3], Loss("25", total=True)) == (0, 0, 0, 1, 0, 1)


def test_two_losses_that_the_page_heard_of_at_once_make_one_gap() -> None:
    losses = (Loss("15", total=True), Loss("25", total=True))
    assert judged([0, gap("10", "25"), 2, 3], *losses) == (0, 0, 0, 1, 1, 0)


def test_a_gap_that_nothing_made_is_seen() -> None:
    assert judged([0, 1, gap("20", "25"), 2, 3]) == (0, 0, 0, 0, 1, 1)


def test_a_gap_that_reaches_further_than_its_loss_is_seen() -> None:
    *_, problems = judged([0, gap("10", "30"), 3], Loss("20", total=False))
    assert problems == 1


def test_an_error_on_the_page_is_a_problem() -> None:
    assert judged([0, 1, 2, 3, {"error": "TypeError"}]) == (0, 0, 0, 0, 0, 1)


def test_a_tab_that_came_later_was_promised_nothing_of_before() -> None:
    found = judge(Record(MIDS, [Loss("15", total=True)], [2, 3], first=2))
    assert (found.problems, found.made) == ([], 0)


def test_a_tab_that_was_closed_is_judged_up_to_then() -> None:
    assert judge(Record(MIDS, [Loss("35", total=True)], [0, 1], is_whole=False)).problems == []
    assert len(judge(Record(MIDS, [], [0, 2], is_whole=False)).problems) == 1


@pytest.mark.parametrize(
    ("breach", "schedule", "what"),
    [
        ("drop", [Publish(100), fault("drop"), Publish(100)], "lost without a word: 39, 79, 119, 159, 199"),
        ("repeat", [Publish(60)], "handled twice or out of order: after, then [(39, 39)]"),
        ("swap", [Publish(60)], "handled twice or out of order: after, then [(40, 39)]"),
        ("silent", [Publish(10), Kill(), Publish(10)], "a loss was not told"),
        ("tell", [Publish(1)], "{'error': 'tab 1 shows a secret: channel id"),
    ],
    ids=["drop", "repeat", "swap", "silent", "tell"],
)
def test_a_page_that_breaks_the_promise_is_caught(
    browser_of: Callable[[str], Browser],
    pages: PageServer,
    some_browser: str,
    breach: str,
    schedule: Schedule,
    what: str,
) -> None:
    with Cell(browser_of(some_browser), pages, Place(some_browser, "text", "direct"), breach) as cell:
        [record] = cell.play(schedule)
    problems = judge(record).problems
    assert any(problem.startswith(what) for problem in problems), problems
