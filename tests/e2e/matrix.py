"""Counts what passed on which wire in which browser, and keeps the table of it in docs/compatibility.md."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.conformance.document import section, write_section
from tests.e2e.wire import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

    from tests.e2e.wire import Wire

NAME = "matrix"
_BROWSERS = ("chromium", "firefox")


class Matrix:
    """A pytest plugin.

    Args:
        mode: ``write`` puts the table into the document; ``check`` fails the run if it is not the document's.
        wholly: Wires that a run which checks tries with all tests in Chromium; in Firefox it tries each once.
    """

    def __init__(self, mode: str, wholly: Iterable[Wire]) -> None:
        self._mode = mode
        self._wholly = wholly
        self._passed: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts a test that ran on every wire."""
        properties = dict(report.user_properties)
        place = (str(properties.get("wire")), str(properties.get("browser")))
        if report.failed:
            self._failed[place] += 1
        elif report.when == "call" and report.passed and "wire" in properties:
            self._passed[place] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Writes or compares the table; only once, where all results come together."""
        if hasattr(session.config, "workerinput"):
            return
        if self._mode == "write":
            write_section(NAME, _TEXT.format(rows="\n".join(map(self._row, WIRES))))
            return
        written = section(NAME).splitlines()
        found = [self._row(wire, _BROWSERS[:1]) for wire in self._wholly]
        stale = [row for row in found if not any(line.startswith(row) for line in written)]
        if stale:
            self._fail(session, "the matrix is out of date, run make matrix; now it has", *stale)
        once = sum(count for (_, browser), count in self._passed.items() if browser == _BROWSERS[1])
        counts = {self._passed[str(wire), _BROWSERS[0]] for wire in self._wholly}
        if counts != {once}:
            self._fail(session, f"{once} tests passed in Firefox, and in Chromium on a wire {sorted(counts)}")

    @staticmethod
    def _fail(session: pytest.Session, *lines: str) -> None:
        terminal = session.config.get_terminal_writer()
        terminal.line()
        terminal.line("docs/compatibility.md: " + "\n".join(lines))
        session.exitstatus = 1

    def _row(self, wire: Wire, browsers: Sequence[str] = _BROWSERS) -> str:
        cells = [self._cell(str(wire), browser) for browser in browsers]
        return f"| {wire.version} | {wire.format} | {wire.transport} | " + " | ".join(cells) + " |"

    def _cell(self, wire: str, browser: str) -> str:
        passed, failed = self._passed[wire, browser], self._failed[wire, browser]
        return (
            f"{passed} passed" + (f", **{failed} failed**" if failed else "")
            if passed + failed
            else "not run"
        )


_TEXT = """\
The browser tests about what goes over the wire (`pytest.mark.every_wire` in `tests/e2e/`: the public
documentation's examples, handlers, several users and guests, lost connections and reloads, damaged frames,
10,000 events), the same ones in every cell.

| Server version | Format | Transport | Chromium | Firefox |
| --- | --- | --- | --- | --- |
{rows}
"""
