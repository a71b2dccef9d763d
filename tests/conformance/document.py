"""docs/compatibility.md: each section is written by the run that proves it."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "compatibility.md"


def section(name: str) -> str:
    """What the document says in a section.

    Args:
        name: The one between ``<!-- name:begin … -->`` and ``<!-- name:end -->``.
    """
    return _pattern(name).search(DOCUMENT.read_text("utf-8"))[2]  # type: ignore[index] # without it: an error is right


def write_section(name: str, text: str) -> None:
    """Puts a text in the place of the section's."""
    document = DOCUMENT.read_text("utf-8")
    written, count = _pattern(name).subn(lambda match: match[1] + text + match[3], document)
    assert count == 1, f"{DOCUMENT.name} has the section {name} {count} times"
    DOCUMENT.write_text(written, "utf-8")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}:begin[^>]*-->\n)(.*?)(<!-- {name}:end -->)", re.DOTALL)
