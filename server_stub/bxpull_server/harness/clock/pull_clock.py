"""One clock for pages, their shared worker and the server."""

import logging
import math
import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from playwright.sync_api import Error as PlaywrightError

from bxpull_server import PushServer
from bxpull_server.clock import ManualClock
from bxpull_server.errors import NotRunningError
from bxpull_server.harness.clock.hub import Hub, Participant
from bxpull_server.harness.clock.log import Log
from bxpull_server.harness.clock.report import Counts
from bxpull_server.harness.clock.scripts import environment_script
from bxpull_server.harness.clock.traffic import Imbalance, ServerCounts, behind, describe, imbalance, look

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


_log = logging.getLogger(__name__)
_MS = 1000
_PATIENCE_MS = 5
"""How long a page waits for news before it reports that there is none, in milliseconds."""
_GRACE_S = 3
"""How long nothing happens, although the ends are apart, until that counts as the end of it, in seconds."""
_NEVER_MS = 2**62

_MORE_PORTS = 7
"""Pages whose handshakes fail go from one port of the server to the next: see ``network.js``."""

_State = tuple[list[Counts], ServerCounts]


class PullClock:
    """Moves the time of a server and of all clients that were given it, together.

    ::

        time = ManualClock()
        with PushServer(clock=time) as server, PullClock(time, server) as clock:
            clock.attach(page)
            page.goto(...)
            clock.advance(3600)

    Only the client's time is moved: what else the page does goes on in real time, and so does Playwright.

    Args:
        server_clock: The clock of the server.
        server: Who was made with that clock.
        seed: Begins the random numbers of clients: the same waits for the same seed.
    """

    def __init__(self, server_clock: ManualClock, server: PushServer, *, seed: int = 1) -> None:
        self._clock = server_clock
        self._server = server
        self._start_ms = round(server_clock.time_ns() / 1_000_000)
        self._began_ms = _elapsed_ms(server_clock)
        self._hub = Hub(
            lambda: self._start_ms + self._now_ms, seed, lambda: (server.port, *server.more_ports)
        )
        self._log = Log()
        self._attached: list[Page | BrowserContext] = []
        # Where nothing went on any more, although the ends were that far apart.
        self._accepted: Imbalance | None = None

    def __enter__(self) -> Self:
        self._hub.start()
        with suppress(NotRunningError):  # one that is started later has to do with one port
            self._server.add_ports(_MORE_PORTS - len(self._server.more_ports))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hub.stop()

    @property
    def init_script(self) -> str:
        """JavaScript for pages, to run before the client's."""
        return environment_script(self._hub.address)

    @property
    def worker_prefix(self) -> str:
        """JavaScript for the shared worker, to be put before its script."""
        return self.init_script

    @property
    def now(self) -> float:
        """Seconds since this clock was made."""
        return self._now_ms / _MS

    @property
    def log(self) -> list[tuple[float, str]]:
        """What pages told and the server was asked, each with the second in which it was.

        The same every time for the same test; :class:`~bxpull_server.harness.clock.log.Log` has the order.
        """
        return self._log.entries

    def attach(self, page: "Page | BrowserContext") -> None:
        """Gives all that a page, or the pages of a context, will load this clock's time; once is enough."""
        if page in self._attached or getattr(page, "context", None) in self._attached:
            return
        page.add_init_script(self.init_script)
        self._attached.append(page)

    def advance(self, seconds: float) -> None:
        """Moves all clocks forward, from timer to timer; at each, waits until nothing is under way.

        Raises:
            ClockError: A page or worker does not answer.
            ValueError: Time would go backwards.
        """
        if seconds < 0:
            raise ValueError(f"seconds must not be negative: {seconds}")
        end = self._now_ms + round(seconds * _MS)
        self.settle()
        while self._now_ms < end:
            self._step(end)
        # What the test does next comes to them at this moment, not at that of their last timer.
        self._ask(self._hub.participants, self._now_ms)

    def settle(self) -> None:
        """Lets everything that is under way come to its end, and calls what is due now; no time passes.

        Raises:
            ClockError: A page or worker does not answer.
        """
        self._look_twice()
        self._run_due()

    @property
    def _now_ms(self) -> int:
        return _elapsed_ms(self._clock) - self._began_ms

    def _step(self, end: int) -> None:
        """Moves to the next timer, or to the end; first the server."""
        servers = self._servers_due()
        moment = min([end, servers, *(max(due, self._now_ms) for due in self._dues())])
        everyone = self._hub.participants
        if servers <= moment or sum(one.is_page for one in everyone) > 1:
            # What comes to them is not to come before its time; the page brings it along to its worker.
            self._ask(everyone, moment)
        self._clock.advance((moment - self._now_ms) / _MS)
        if servers <= moment:
            self._look_twice()
        self._run_due()

    def _run_due(self) -> None:
        """Pages and workers call what is due, one after the other."""
        while True:
            everyone = self._hub.participants
            ready = [one for one in everyone if one.due is not None and self._is_due(one.due)]
            if not ready:
                return
            for participant in ready:
                before = participant.counts
                self._ask([participant], self._now_ms, run=True, patience_ms=_PATIENCE_MS)
                if participant.gone or participant.counts != before:
                    self._quiet(self._look())

    def _is_due(self, due: int) -> bool:
        return due - self._start_ms <= self._now_ms

    def _dues(self) -> list[int]:
        return [one.due - self._start_ms for one in self._hub.participants if one.due is not None]

    def _servers_due(self) -> int:
        """Never before the server's timer: a moment has whole milliseconds."""
        due = self._clock.next_due_s
        if due == math.inf:
            return _NEVER_MS
        return math.ceil(round((self._clock.monotonic() + due) * _MS, 3)) - self._began_ms

    def _look_twice(self) -> None:
        """The server may have been told to do something, and be about to begin with it."""
        self._ask(self._hub.participants, self._now_ms)
        first = self._look()
        self._ask(self._hub.participants, self._now_ms)
        second = self._look()
        while first != second:
            self._quiet(second)
            self._ask(self._hub.participants, self._now_ms)
            first, second = second, self._look()
        self._quiet(second)

    def _look(self) -> _State:
        """What all have reported, then the server's counts, which have to be the last."""
        self._hub.forget_gone()
        reported = [one.counts for one in self._hub.participants]
        try:
            counts, journal = self._server.call(look)
        except NotRunningError:
            return reported, ServerCounts()  # a test may have stopped it, to see what pages do
        self._log.add_requests(self._now_ms, journal)
        return reported, counts

    def _quiet(self, state: _State) -> None:
        """Returns once nothing is under way.

        One look tells: who had got all that was sent to it when it reported did nothing since, for it acts on
        messages and timers only.
        """
        since = time.monotonic()
        while any(apart := imbalance(*state)):
            # What is held up, or half open, may be so for long: it is not known when more comes.
            if apart != self._accepted and time.monotonic() - since > _GRACE_S:
                self._accepted = apart
                _log.warning(
                    "nothing has happened for %g s, although pages and server are apart (%s): time goes on",
                    _GRACE_S,
                    describe(apart),
                )
            if apart == self._accepted:
                return
            everyone = self._hub.participants
            # What is on its way between page and worker is waited for where it goes.
            waiting = [everyone[at] for at in behind(*state)] if len(everyone) == len(state[0]) else []
            self._ask(waiting or everyone, self._now_ms, patience_ms=_PATIENCE_MS)
            before, state = state, self._look()
            if before != state:
                since = time.monotonic()
        self._accepted = None

    def _ask(
        self, everyone: list[Participant], moment: int, *, run: bool = False, patience_ms: int = 0
    ) -> None:
        """Tells them the time, in milliseconds of this clock, and takes their reports."""
        for one in everyone:
            one.tell(self._start_ms + moment, run=run, patience_ms=patience_ms, meanwhile=self._pump)
        for one in everyone:
            report = one.answer(self._pump)
            if report is not None:
                notes = [(when - self._start_ms, what) for when, what in report.notes]
                self._log.add_notes(one.number, one.name, notes)

    def _pump(self) -> None:
        """Lets Playwright do what pages wait for, such as routes; it only does when it is called."""
        for attached in self._attached:
            pages = [attached] if hasattr(attached, "evaluate") else attached.pages
            for page in pages:
                try:
                    page.evaluate("0")
                except PlaywrightError:
                    continue  # it is being closed or loaded: another one's turn


def _elapsed_ms(clock: ManualClock) -> int:
    return round(clock.monotonic() * _MS)
