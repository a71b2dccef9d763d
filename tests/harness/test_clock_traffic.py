"""bxpull_server.harness.clock.traffic: what is under way between a page and its worker, and who tells."""

from __future__ import annotations

import pytest

from bxpull_server.harness.clock.report import Counts, Port
from bxpull_server.harness.clock.traffic import ServerCounts, behind, imbalance

PAGE, WORKER = 0, 1


def ends(
    page: tuple[int, int] | None, worker: tuple[int, int] | None, *, closed: bool = False
) -> list[Counts]:
    """The reports of both on a port: what each has sent and taken; None: it does not know the port."""
    of_page = () if page is None else (("a", Port(*page, closed=closed, mine=True)),)
    of_worker = () if worker is None else (("a", Port(*worker, closed=False, mine=False)),)
    return [Counts(ports=of_page), Counts(ports=of_worker)]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        pytest.param(ends((2, 1), (1, 1)), {WORKER}, id="a message for the worker"),
        pytest.param(ends((2, 2), (1, 1)), {WORKER}, id="it has been answered"),
        pytest.param(ends((1, 1), (2, 1)), {PAGE}, id="a message for the page"),
        pytest.param(ends((3, 1), (2, 1), closed=True), {WORKER}, id="a message before the port was closed"),
    ],
)
def test_only_who_knows_less_of_a_port_has_to_report_again(reports: list[Counts], expected: set[int]) -> None:
    assert any(imbalance(reports, ServerCounts()))
    assert behind(reports, ServerCounts()) == expected


def test_both_have_to_where_the_server_knows_more() -> None:
    assert behind(ends((2, 2), (1, 1)), ServerCounts(open=1)) == set()


def test_a_port_is_under_way_until_the_worker_tells_of_it_though_it_has_answered() -> None:
    reports = ends((1, 1), None)
    assert any(imbalance(reports, ServerCounts()))
    assert behind(reports, ServerCounts()) == set()


@pytest.mark.parametrize(
    "reports",
    [
        pytest.param(ends((2, 1), (1, 2)), id="both know all"),
        pytest.param(ends((2, 1), (5, 2), closed=True), id="the page has closed it, and takes nothing more"),
        pytest.param(ends(None, (1, 1)), id="the page is gone"),
        pytest.param(ends((1, 0), None, closed=True), id="it was closed before the worker came"),
    ],
)
def test_nothing_is_under_way(reports: list[Counts]) -> None:
    assert not any(imbalance(reports, ServerCounts()))
