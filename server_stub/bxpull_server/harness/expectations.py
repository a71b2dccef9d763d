"""Waiting for what pages are told, and saying what came instead; for every library that drives browsers."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any, TypeVar

from bxpull_server.capture.lines import MARKER_MODULE
from bxpull_server.harness.errors import ExpectationError, HandlerFailedError
from bxpull_server.harness.matching import Wanted, nearest
from bxpull_server.harness.recording import HandlerCall, HandlerError, Notice, PullEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bxpull_server import PushServer
    from bxpull_server.harness.recording import Entry
    from bxpull_server.harness.steps import Steps
    from bxpull_server.harness.tab import Tab

T = TypeVar("T", PullEvent, HandlerCall, HandlerError, Notice)

WAIT_S = 5.0
# With several pages each is looked at in turn.
_TURN_S = 0.02
_MAX_ERRORS = 5
_numbers = itertools.count(1)
_NOUNS: dict[type, str] = {PullEvent: "event", HandlerCall: "call of a handler"}


class Expectations:
    """Looks at pages until they show what is expected.

    Args:
        server: Sends the markers.
        tabs: All pages of the test, oldest first; may grow.
    """

    def __init__(self, server: PushServer, tabs: Sequence[Tab]) -> None:
        self._server = server
        self._tabs = tabs
        # What was expected, and in which pages; None: in all.
        self._expected_errors: list[tuple[Callable[[HandlerError], bool], frozenset[str] | None]] = []
        self._begin: dict[str, int] = {}

    def fetch(self, tabs: Sequence[Tab] | None = None, *, looks: bool = False) -> Steps[None]:
        """Read what is new in all pages; ``looks``: and whether they show secrets."""
        for tab in self._tabs if tabs is None else tabs:
            yield from tab.fetch(looks=looks)

    def all_of(self, kind: type[T], tabs: Sequence[Tab] | None = None) -> list[T]:
        """The entries of a kind that were fetched since the last :meth:`clear`, in the order of time."""
        found = [
            entry
            for tab in (self._tabs if tabs is None else tabs)
            for entry in tab.entries[self._begin.get(tab.name, 0) :]
            if isinstance(entry, kind)
        ]
        return sorted(found, key=lambda entry: entry.at)

    def clear(self) -> Steps[None]:
        """Forget what was seen so far, errors too."""
        yield from self.fetch()
        self._expected_errors.clear()
        for tab in self._tabs:
            self._begin[tab.name] = len(tab.entries)

    def expect(
        self,
        kind: type[T],
        wanted: Wanted,
        tabs: Sequence[Tab],
        *,
        count: int = 1,
        timeout_s: float = WAIT_S,
    ) -> Steps[list[T]]:
        """Wait for ``count`` entries that are as they are wanted; returns them."""
        __tracebackhide__ = True
        if count < 1:
            raise ValueError(
                f"count: must be 1 or more, not {count!r}; expect_none() is for what must not come"
            )

        def matching() -> list[T]:
            return [entry for entry in self.all_of(kind, tabs) if not wanted.differences(entry)]  # type: ignore[arg-type]

        found: list[T] = yield from self._until(matching, lambda found: len(found) >= count, tabs, timeout_s)
        if len(found) < count:
            what = _NOUNS[kind]
            came = f"came {len(found)} of {count} times" if count > 1 else "did not come"
            seen = self._seen(kind, wanted, tabs)
            within = f" within {timeout_s:g} s" if timeout_s else ""
            raise ExpectationError(f"the {what} {wanted} {came}{within}{seen}")
        return found

    def expect_none(self, wanted: Wanted, tabs: Sequence[Tab], timeout_s: float = WAIT_S) -> Steps[None]:
        """Wait until everything sent so far has arrived, and look that no such event is among it."""
        __tracebackhide__ = True
        yield from self.settle(tabs, timeout_s)
        found = [event for event in self.all_of(PullEvent, tabs) if not wanted.differences(event)]
        if found:
            raise ExpectationError(f"no event {wanted} was expected, and {len(found)} came:{_list(found)}")
        if all(tab.is_closed() for tab in tabs):
            pages = ", ".join(f"{tab.name} ({_state(tab)})" for tab in tabs) or "open one first"
            raise ExpectationError(f"no event {wanted} was expected, and there is no page to tell: {pages}")

    def settle(self, tabs: Sequence[Tab], timeout_s: float = WAIT_S) -> Steps[None]:
        """Wait until everything sent so far has arrived: a marker behind it has."""
        __tracebackhide__ = True
        number = next(_numbers)
        for user in {tab.user for tab in tabs}:
            self._server.add_by_user(
                user, module_id=MARKER_MODULE, command="barrier", params={"number": number}
            )
        behind: list[Tab] = yield from self._until(
            lambda: [tab for tab in tabs if tab.barrier < number and not tab.is_closed()],
            lambda behind: not behind,
            tabs,
            timeout_s,
        )
        if behind:
            names = ", ".join(f"{tab.name} ({_state(tab)})" for tab in behind)
            raise ExpectationError(
                f"what was sent has not arrived within {timeout_s:g} s, nor a marker behind it: {names}"
            )

    def expect_error(
        self,
        match: Callable[[HandlerError], bool],
        about: str,
        tabs: Sequence[Tab],
        timeout_s: float,
        *,
        everywhere: bool,
    ) -> Steps[HandlerError]:
        """Wait for an error of page code. Such errors then make the test fail no more, whenever they come.

        Args:
            match: Whether an error is one of these.
            about: The same in words.
            tabs: Where to look.
            timeout_s: How long it may take.
            everywhere: Whether it may come in all pages, those too that are opened later; else in ``tabs``.
        """
        __tracebackhide__ = True
        found: list[HandlerError] = yield from self._until(
            lambda: [error for error in self.all_of(HandlerError, tabs) if match(error)],
            bool,
            tabs,
            timeout_s,
        )
        if not found:
            seen = _list(self.all_of(HandlerError, tabs))
            raise ExpectationError(f"no error {about} within {timeout_s:g} s; errors seen:{seen}")
        # Not those of now only: tabs are told of one event at different times.
        self._expected_errors.append((match, None if everywhere else frozenset(tab.name for tab in tabs)))
        return found[0]

    def expect_notice(
        self, kind: str, match: Callable[[Any], bool], about: str, tabs: Sequence[Tab], timeout_s: float
    ) -> Steps[Notice]:
        """Wait for something the client tells of itself."""
        __tracebackhide__ = True
        found: list[Notice] = yield from self._until(
            lambda: [
                notice for notice in self.all_of(Notice, tabs) if notice.kind == kind and match(notice.value)
            ],
            bool,
            tabs,
            timeout_s,
        )
        if not found:
            seen = [notice for notice in self.all_of(Notice, tabs) if notice.kind == kind]
            raise ExpectationError(f"no {kind} {about} within {timeout_s:g} s; seen:{_list(seen)}")
        return found[0]

    def check(self) -> Steps[None]:
        """Look that page code has thrown nothing that was not expected.

        Raises:
            HandlerFailedError: It has.
        """
        __tracebackhide__ = True
        # By the same call: a page is asked once at the end of a test.
        yield from self.fetch(looks=True)
        errors = [error for error in self.all_of(HandlerError) if not self._is_expected(error)]
        if errors:
            raise HandlerFailedError(errors)

    def _is_expected(self, error: HandlerError) -> bool:
        return any(
            match(error) and (names is None or error.page in names) for match, names in self._expected_errors
        )

    def _until(
        self, look: Callable[[], Any], good: Callable[[Any], bool], tabs: Sequence[Tab], timeout_s: float
    ) -> Steps[Any]:
        """What ``look`` finds once it is good, or when time is over."""
        end = time.monotonic() + timeout_s
        while True:
            yield from self.fetch(tabs)
            found = look()
            rest = end - time.monotonic()
            if good(found) or rest <= 0:
                return found
            open_tabs = [tab for tab in tabs if not tab.is_closed()]
            for tab in open_tabs:
                yield from tab.wait_more(rest if len(open_tabs) == 1 else min(rest, _TURN_S))
            if not open_tabs:
                return found

    def _seen(self, kind: type[Any], wanted: Wanted, tabs: Sequence[Tab]) -> str:
        entries: list[Any] = self.all_of(kind, tabs)
        lines = [f"\n  {tab.name}: {_state(tab)}" for tab in tabs]
        if entries:
            lines.append(f"\nnearest of {len(entries)} seen:")
        else:
            lines.append("\nnone was seen at all" if tabs else "\nthere is no page: open one first")
        for entry, differences in nearest(wanted, entries):
            lines.append(f"\n  {describe(entry)}")
            lines += [f"\n      {line}" for line in differences]
        errors = self.all_of(HandlerError, tabs)[-_MAX_ERRORS:]
        if errors:
            lines.append("\nerrors in page code:")
            lines += [f"\n  {error.page}: {error}" for error in errors]
        return "".join(lines)


def _state(tab: Tab) -> str:
    if tab.crashed:
        return "crashed"
    if tab.is_closed():
        return "closed"
    return "connected" if tab.connected else "not connected"


def describe(entry: Entry) -> str:
    """One line about an entry."""
    match entry:
        case PullEvent():
            return f"{entry.page}: {entry.module}/{entry.command} {shortened(entry.params)}"
        case HandlerCall():
            where = f"{entry.handler} of {entry.on}"
            return f"{entry.page}: {where} with {entry.module}/{entry.command} {shortened(entry.params)}"
        case HandlerError():
            return f"{entry.page}: {entry}"
        case _:
            return f"{entry.page}: {entry.kind} {entry.value}"


def shortened(params: Any) -> str:
    """Params for a line of text."""
    text = repr(params)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _list(entries: Sequence[Entry]) -> str:
    return "".join(f"\n  {describe(entry)}" for entry in entries) or " none"
