"""How long a developer waits: for ``bxpull build`` with either engine, for help, for the server to answer.

``make bench-build`` prints a table and writes JSON. Each command is a new process, in turns with a Python
that does nothing: that is the floor. *Again* is a build in a process that has built before; with ``--watch``
the time runs from the moment a script is saved. What is told are medians of wall and CPU time (children
included) and of the ratios within the rounds; on a busy machine CPU time tells more.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import results

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

BXPULL = str(Path(sys.executable).with_name("bxpull"))
FLOOR = "python, nothing"
SERVE = "bxpull serve, to its first answer"
WATCH = "bxpull build --watch, from saving to its word"
SAVES = 5
# Builds twice, and says what the second took, in seconds: by the clock and of the CPU.
AGAIN = """
import sys, time, bxpull
build = lambda: bxpull.build(out=sys.argv[2], engine=sys.argv[1])
build()
before, cpu = time.perf_counter(), time.process_time()
build()
print(time.perf_counter() - before, time.process_time() - cpu)
"""


class Took(NamedTuple):
    """Milliseconds of one run."""

    wall: float
    cpu: float


class Task(NamedTuple):
    """What is measured, and the aim in milliseconds of wall time; 0: none."""

    name: str
    command: Sequence[str]
    goal: float


def tasks(folder: str) -> list[Task]:
    """All of them; files are written to ``folder``."""
    engines = ("native", "embedded")
    python = (sys.executable, "-c")
    return [
        Task(FLOOR, (*python, "pass"), 0),
        Task("import bxpull", (*python, "import bxpull"), 120),
        Task("bxpull --help", (BXPULL, "--help"), 200),
        *(
            Task(f"bxpull build, {name}", (BXPULL, "build", "--engine", name, "--out", folder), 500)
            for name in engines
        ),
        *(Task(f"build again, {name}", (*python, AGAIN, name, folder), 80) for name in engines),
        Task(WATCH, (BXPULL, "build", "--watch", "--json", "--out", folder), 80),
        Task(SERVE, (BXPULL, "serve", "--port", "0", "--json"), 600),
    ]


def measure(task: Task) -> Took:
    """Runs it once.

    Raises:
        RuntimeError: It failed.
    """
    if task.name == WATCH:
        return _measure_watch(task)
    began = time.perf_counter()
    with subprocess.Popen(task.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None  # noqa: S101 - for mypy
        if task.name == SERVE:
            _ask(int(json.loads(process.stdout.readline())["port"]))
            ended = time.perf_counter()
            process.send_signal(signal.SIGKILL)
            said = b""
        else:
            said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if task.name != SERVE:
            ended = time.perf_counter()
            if process.returncode:
                raise RuntimeError(f"{task.name} ended with {process.returncode}")
    if task.name.startswith("build again"):
        return Took(*(float(seconds) * 1000 for seconds in said.split()))
    return Took((ended - began) * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def _measure_watch(task: Task) -> Took:
    """Saves a script some times, each once the build of the one before was told of; medians."""
    script = Path(task.command[-1]) / "page.js"
    script.write_text("window.save = 0;\n", "utf-8")
    walls = []
    command = [*task.command, "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None  # noqa: S101 - for mypy
        process.stdout.readline()
        before = _cpu_s(process.pid)
        for save in range(1, SAVES + 1):
            other = script.with_suffix(".new")
            other.write_text(f"window.save = {save};\n", "utf-8")
            began = time.perf_counter()
            other.replace(script)
            if not process.stdout.readline():
                raise RuntimeError(f"{task.name} ended")
            walls.append((time.perf_counter() - began) * 1000)
        cpu = (_cpu_s(process.pid) - before) * 1000 / SAVES
        process.kill()
    return Took(statistics.median(walls), cpu)


def _cpu_s(pid: int) -> float:
    with Path(f"/proc/{pid}/stat").open(encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


def run(rounds: int) -> list[dict[str, Any]]:
    """All in turns; the first round, in which caches fill, does not count."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(rounds + 1):
            for task in tasks(folder):
                took = measure(task)
                if turn:
                    rows.append({"round": turn, "task": task.name, **took._asdict()})
    return rows


def show(rows: list[dict[str, Any]], given: argparse.Namespace) -> None:
    """The table."""

    def of(task: str, key: str) -> list[float]:
        return [row[key] for row in rows if row["task"] == task]

    lines = []
    for task in tasks(""):
        told = []
        for key in ("wall", "cpu"):
            values = of(task.name, key)
            pairs = zip(values, of(FLOOR, key), strict=True)
            told.append((values, f"{statistics.median(ours / floor for ours, floor in pairs):.1f}"))
        (wall, wall_ratio), (cpu, cpu_ratio) = told
        aim = f"{task.goal:.0f}" if task.goal else "-"
        times = f"{statistics.median(wall):.0f}", f"{min(wall):.0f}", aim, wall_ratio
        lines.append((task.name, *times, f"{statistics.median(cpu):.0f}", cpu_ratio))
    columns = ("What", "Wall", "Least", "Aim", "Times the floor", "CPU", "Times the floor")
    results.tell("build", f"Milliseconds, medians of {given.rounds}", columns, lines, given)


def main() -> None:
    """Run, and tell."""
    parser = results.parser("How long commands take, beside a Python that does nothing.")
    parser.add_argument("--rounds", type=int, default=9, help="default: %(default)s")
    given = parser.parse_args()
    # With it nothing stays compiled, and every run of a command would compile all that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    results.machine()
    rows = run(given.rounds)
    show(rows, given)
    results.write("build", rows)


if __name__ == "__main__":
    main()
