"""tools/no_sleep.py."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_spec = importlib.util.spec_from_file_location("no_sleep", ROOT / "tools" / "no_sleep.py")
assert _spec is not None
assert _spec.loader is not None
no_sleep = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(no_sleep)


@pytest.mark.parametrize(
    "line",
    [
        "time.sleep(1)",
        "sleep(0.1)",
        "await asyncio.sleep(SECONDS)",
        "page.wait_for_timeout(100)",
        "(lambda: clock().sleep())()",
    ],
)
def test_what_waits_for_time_is_found(line: str) -> None:
    text = f"async def wait():\n    {line}\n"
    assert list(no_sleep.waits_in_python(text)) == [2]


def test_scripts_are_looked_at_by_line() -> None:
    text = "await page.waitForFunction(done);\nawait page.waitForTimeout(5);\nawait sleep (3);\nasleep(1);\n"
    assert list(no_sleep.waits_in_script(text)) == [2, 3]


def test_letting_others_run_is_no_waiting() -> None:
    assert (
        list(no_sleep.waits_in_python("async def go():\n    await asyncio.sleep(0)\n    sleepy(1)\n")) == []
    )


def test_there_is_none_in_the_repository() -> None:
    done = subprocess.run(
        [sys.executable, "tools/no_sleep.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0)
