"""Our client does what a shipped client was seen to do, but for the differences we mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.compatibility import Difference, differences, table, unexplained, unused
from tests.conformance.normalise import Normaliser
from tests.conformance.observe import observe

GOLDEN = Path(__file__).parent / "golden" / "text.json"
DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """The golden transcript as it was written."""
    transcript: dict[str, Any] = json.loads(GOLDEN.read_text("utf-8"))
    return transcript


@pytest.fixture(scope="module")
def found(golden: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Difference]:
    """All differences between the golden transcript and ours."""
    ours = observe(golden, tmp_path_factory.mktemp("oracle"))
    return differences(Normaliser().transcript(golden), Normaliser().transcript(ours))


def test_every_difference_is_a_deliberate_one(found: list[Difference]) -> None:
    assert unexplained(found) == []


def test_every_difference_that_is_allowed_is_still_there(found: list[Difference]) -> None:
    assert unused(found) == []


def test_the_table_of_compatibility_is_up_to_date(
    golden: dict[str, Any], found: list[Difference], request: pytest.FixtureRequest
) -> None:
    text = table(golden, found)
    if request.config.getoption("--write-compatibility", default=False):
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(text, "utf-8")
    written = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    assert written == text, "run pytest tests/conformance --write-compatibility"
