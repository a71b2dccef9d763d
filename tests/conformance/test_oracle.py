"""Our client does what a shipped client was seen to do, but for the differences we mean."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance import compatibility
from tests.conformance.document import section, write_section
from tests.conformance.normalise import Normaliser
from tests.conformance.observe import observe

if TYPE_CHECKING:
    from tests.conformance.compatibility import Difference

pytestmark = pytest.mark.timeout(300)  # one waits for all four runs

GOLDEN = {
    name: json.loads((Path(__file__).parent / "golden" / f"{name}.json").read_text("utf-8"))
    for name in ("text", "protobuf", "jsonrpc", "text-longpolling")
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Difference]]:
    """All differences between each golden transcript and ours."""
    folders = [tmp_path_factory.mktemp(name) for name in GOLDEN]
    # All at a time: what was observed has waits in it.
    with ThreadPoolExecutor(len(GOLDEN)) as threads:
        return dict(zip(GOLDEN, threads.map(_differences, GOLDEN, GOLDEN.values(), folders), strict=True))


def _differences(name: str, golden: dict[str, Any], folder: Path) -> list[Difference]:
    ours = observe(golden, folder)
    return compatibility.differences(name, Normaliser().transcript(golden), Normaliser().transcript(ours))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_difference_is_a_deliberate_one(found: dict[str, list[Difference]], name: str) -> None:
    assert compatibility.unexplained(found[name]) == []


def test_every_difference_that_is_allowed_is_still_there(found: dict[str, list[Difference]]) -> None:
    assert compatibility.unused([item for items in found.values() for item in items]) == []


def test_the_tables_of_compatibility_are_up_to_date(
    found: dict[str, list[Difference]], request: pytest.FixtureRequest
) -> None:
    text = compatibility.text(GOLDEN, [item for items in found.values() for item in items])
    if request.config.getoption("--write-compatibility", default=False):
        write_section("oracle", text)
    assert section("oracle") == text, "run pytest tests/conformance --write-compatibility"
