"""Reads what esbuild prints about errors."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["EsbuildMessage", "parse_messages"]

_HEAD = re.compile(r"^\S* ?\[ERROR\] (?P<text>.*)$")
_PLACE = re.compile(r"^ {4}(?P<path>\S.*):(?P<line>\d+):(?P<column>\d+):$")


@dataclass(frozen=True)
class EsbuildMessage:
    """One error of esbuild's.

    Attributes:
        text: What it says.
        path: The file, as esbuild names it, or an empty string.
        line: 1-based, or 0 when it names no place.
        column: 0-based, in UTF-8 bytes.
    """

    text: str
    path: str = ""
    line: int = 0
    column: int = 0


def parse_messages(output: str) -> list[EsbuildMessage]:
    """The errors in esbuild's output (``--color=false``), in its order; notes are left out."""
    found: list[EsbuildMessage] = []
    open_ = False
    for line in output.splitlines():
        head = _HEAD.match(line)
        place = _PLACE.match(line)
        if head:
            found.append(EsbuildMessage(head["text"]))
            open_ = True
        elif place and open_:
            found[-1] = EsbuildMessage(
                found[-1].text, place["path"], int(place["line"]), int(place["column"])
            )
            open_ = False
    return found
