"""Option of the conformance tests."""

import pytest

pytest.register_assert_rewrite("tests.conformance.peer.scenarios")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--write-compatibility``."""
    parser.addoption(
        "--write-compatibility",
        action="store_true",
        help="write docs/compatibility.md from what tests/conformance observes",
    )
