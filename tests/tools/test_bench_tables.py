"""Tables of ``docs/`` that benchmarks write."""

from __future__ import annotations

import re
from argparse import Namespace
from typing import TYPE_CHECKING, Any

import pytest

from bench import goals, growth, results, tables

if TYPE_CHECKING:
    from pathlib import Path

ROOT = tables.ROOT
PAGE = "# Title\n\n<!-- table one -->\nold\n<!-- end -->\n\n<!-- table two -->\n<!-- end -->\nrest\n"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    (tmp_path / "another.md").write_text("# Another\n", "utf-8")
    return tmp_path


def test_a_table_takes_the_place_of_the_one_before(docs: Path) -> None:
    for value in ("1", "2"):
        tables.put("one", "Medians of 3", ("Name", "µs"), [("ours", value)], docs)
    before, _, after = (docs / "page.md").read_text("utf-8").partition("| Name | µs |\n")
    assert before == "# Title\n\n<!-- table one -->\n\n"
    assert after.startswith("| --- | --- |\n| ours | 2 |\n\nMedians of 3. 20")
    assert after.endswith(".\n\n<!-- end -->\n\n<!-- table two -->\n<!-- end -->\nrest\n")
    assert re.search(r"\d{4}-\d\d-\d\d, commit [0-9a-f]{7,}.*; \d+ CPUs \(.+\), load .+, Python 3\.", after)


def test_a_table_without_a_place_says_where_to_make_one(docs: Path) -> None:
    with pytest.raises(SystemExit, match="no page has a place for the table three: add <!-- table three -->"):
        tables.put("three", "", ("Name",), [("ours",)], docs)


def test_each_place_in_the_docs_has_a_benchmark_that_fills_it_and_the_reverse() -> None:
    places = [
        key
        for page in tables.DOCS.rglob("*.md")
        for key in re.findall(r"<!-- table (\S+) -->", page.read_text("utf-8"))
    ]
    told = [
        key
        for script in (ROOT / "bench").glob("*.py")
        for key in re.findall(r'\btell\(\s*"([^"]+)"', script.read_text("utf-8"))
    ]
    assert sorted(places) == sorted([*told, *growth.PARTS])


@pytest.mark.parametrize(
    ("goal", "found", "row"),
    [
        (goals.Goal("late", "x", 8, lambda it: it, "ms"), 8.0, ("late", "≤ 8 ms", "8.00 ms", "yes")),
        (goals.Goal("late", "x", 1.3, lambda it: it), 1.301, ("late", "≤ 1.3", "1.30", "**no**")),
        (goals.Goal("much", "x", 20_000, lambda it: it, least=True), 19_999, ("much", "≥ 20,000", "19,999")),
    ],
)
def test_a_goal_is_met_or_not(goal: goals.Goal, found: Any, row: tuple[str, ...]) -> None:
    assert goal.row(found)[: len(row)] == row


@pytest.mark.parametrize(
    ("text", "problem"),
    [(None, "is not there"), ("[]", "is not of a whole run"), ("[{}]", "is not of a whole run")],
)
def test_goals_of_which_not_all_was_measured_name_the_benchmark(
    text: str | None, problem: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    if text is not None:
        (tmp_path / "client.json").write_text(text, "utf-8")
    with pytest.raises(SystemExit, match=rf"client\.json {problem}: python -m bench\.client writes it"):
        goals.tell(Namespace(write=False))
