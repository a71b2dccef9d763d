"""Finds what waits for time and not for a condition: such tests are slow, and fail on a slower machine.

``python tools/no_sleep.py`` looks at every Python, JavaScript and TypeScript file of the repository; exits
with 1 and names the places. ``asyncio.sleep(0)``, which only lets others run, is none.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("sleep", "wait_for_timeout")
SCRIPT = re.compile(r"\b(waitForTimeout|sleep)\s*\(")
SCRIPTS = (".js", ".mjs", ".ts", ".jsx", ".vue")


def waits_in_python(text: str) -> Iterator[int]:
    """Lines with a call of something named like a sleep."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        nothing = [getattr(argument, "value", None) for argument in node.args] == [0]
        if name in NAMES and not (name == "sleep" and nothing):
            yield node.lineno


def waits_in_script(text: str) -> Iterator[int]:
    """Lines with a call of something named like a sleep."""
    for number, line in enumerate(text.splitlines(), 1):
        if SCRIPT.search(line):
            yield number


def found() -> Iterator[str]:
    """Places, as ``path:line``, in every file that git knows of or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue
        look = {".py": waits_in_python, **dict.fromkeys(SCRIPTS, waits_in_script)}.get(path.suffix)
        if look is not None:
            yield from (f"{name}:{line}" for line in look(path.read_text("utf-8")))


def main() -> int:
    """Name the places; 1 if there are any."""
    places = list(found())
    for place in places:
        print(f"{place}: waits for time; wait for a condition")
    return 1 if places else 0


if __name__ == "__main__":
    sys.exit(main())
