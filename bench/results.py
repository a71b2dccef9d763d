"""Where the figures of a run go, and what machine they are of."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"


def write(name: str, rows: Any) -> None:
    """Writes what was measured to ``build/bench/<name>.json``."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


def machine() -> str:
    """The machine in a few words, with how busy it is: other programs make wall times longer."""
    load, _, _ = os.getloadavg()
    return f"{os.cpu_count()} CPUs, load {load:.1f} at the start, Python {platform.python_version()}"
