"""A page with the client in it, and what it was told so far."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bxpull_server.harness.errors import NotConnectedError, UnreadablePageError
from bxpull_server.harness.recording import Entry, entry_of

if TYPE_CHECKING:
    from bxpull_server.harness.handover import Handover
    from bxpull_server.harness.steps import Steps
    from bxpull_server.harness.surface import Surface

_CONNECT = """(argument) => window.bxpullRecorder
    ? bxpullRecorder.connect(...argument)
    : "no script has run in it: its browser context may have JavaScript switched off" """
_TAKE = "([count, from]) => window.bxpullRecorder ? bxpullRecorder.take(count, from) : null"
_LAST = "([count, from]) => window.bxpullRecorder ? bxpullRecorder.last(count, from) : null"
_MORE = "([count, from, seen, ms]) => window.bxpullRecorder && bxpullRecorder.more(count, from, seen, ms)"
_PUMP = "() => 0"
_GONE = object()
_DEBUG = "() => window.bxpullRecorder ? bxpullRecorder.debug() : null"


class Tab:
    """A page of a user.

    Attributes:
        surface: The page.
        user: Whose; negative: a guest.
        name: How messages call it.
        entries: What page code was told so far, as far as it was fetched.
        barrier: Number of the newest marker that has come.
        connected: Whether the client was connected when the page was last asked.
        left: Whether the page is another user's by now.
        crashed: Whether the browser has lost the page's process.
        ended: Whether the test has looked at all that it is going to.
        shown: Fingerprints of what looks like a secret, by place, in any of its pages.

    Args:
        surface: The page.
        user: Whose.
        name: How messages call it.
        handover: Where the tab's pages leave what nobody can ask them for.
    """

    def __init__(self, surface: Surface, user: int, name: str, handover: Handover) -> None:
        self.surface = surface
        self.user = user
        self.name = name
        self.entries: list[Entry] = []
        self.barrier = 0
        self.connected = False
        self.left = False
        self.crashed = False
        self.ended = False
        self.shown: dict[str, set[str]] = {}
        # Pages of several origins count for themselves: how far each count was fetched, and the newest one.
        self._next: dict[str, int] = {}
        self._count = ""
        # What pages have handed over, in any order and more than once: count and number.
        self._handed: set[tuple[str, int]] = set()
        # Pages that may have something to tell: the one that is there now, and those that have said so.
        self._pages: set[str] = set()
        self._handover = handover
        handover.add(name, self._take_over)

    @property
    def home(self) -> dict[str, Any]:
        """Where its pages hand over what they leave behind; for their recorder."""
        return self._handover.home(self.name)

    def is_closed(self) -> bool:
        """Whether nothing can come any more."""
        return self.left or self.crashed or self.surface.is_closed()

    def connect(self, timeout_s: float, *, starts: bool) -> Steps[None]:
        """Wait until the client is connected, and start it first if nobody has.

        Raises:
            NotConnectedError: It does not connect.
        """
        end = time.monotonic() + timeout_s
        found = _GONE
        while found is _GONE:
            found = yield from self._connected(timeout_s, starts=starts)
            timeout_s = max(0.0, round(end - time.monotonic(), 1))
        if not isinstance(found, dict):
            raise NotConnectedError(f"{self.name}: {found}")
        self.connected = True
        yield from self._turn_to(found["page"], found["before"])

    def _connected(self, timeout_s: float, *, starts: bool) -> Steps[Any]:
        """What the page says once it is connected, or cannot be; or that it has gone on to another one."""
        # A driver may have been in use before: what its pages were told then is no business of this tab.
        argument = [timeout_s * 1000, starts, not self._next, self.home]
        try:
            return (yield lambda: self.surface.evaluate(_CONNECT, argument))
        except Exception as error:
            if timeout_s <= 0 or self.is_closed() or not is_passing(error):
                raise
            return _GONE

    def fetch(self, *, looks: bool = False) -> Steps[None]:
        """Read what is new. Nothing, while one page of the tab is being replaced by another.

        Args:
            looks: Whether to look for secrets, too.
        """
        self._handover.deliver()
        if self.is_closed():
            yield from self._turn_to("")
            return
        try:
            answer = yield lambda: self.surface.evaluate(_LAST if looks else _TAKE, self._place)
        except Exception as error:
            self.crashed = is_crash(error)
            if self.crashed:
                self.connected = False
                yield from self._turn_to("")
            elif not is_passing(error):
                raise
            return
        if answer is None:
            self.connected = False
            yield from self._turn_to("")
            return
        if looks and isinstance(answer, str):
            answer, _, shown = answer.partition("\n")
            for place, prints in (self._read(shown, "places")["places"] if shown else {}).items():
                self.shown.setdefault(place, set()).update(prints)
        found = self._read(answer, "entries")
        yield from self._turn_to(found["page"], found["before"])
        self.connected = found["connected"]
        self.barrier = max(self.barrier, found["barrier"])
        self._count = found["count"]
        self._add(found)
        end = found["first"] + len(found["entries"])
        self._next[self._count] = max(self._next.get(self._count, 0), end)

    def fetch_last(self) -> Steps[None]:
        """Read what is new in a page that the program is about to close or leave."""
        if self.ended:
            return
        with suppress(Exception):  # whatever is wrong with the page, it can be closed
            yield from self.fetch(looks=True)
        self._pages.clear()

    def _read(self, answer: Any, part: str) -> dict[str, Any]:
        """What the recorder has written: an object with this part."""
        try:
            found = json.loads(answer)
            if isinstance(found, dict) and isinstance(found[part], list | dict):
                return found
        except (ValueError, TypeError, KeyError):
            pass
        raise UnreadablePageError(
            f"{self.name}: the page answers {answer!r:.80} when it is asked what it was told: its code "
            "has replaced JSON.stringify, or given arrays or objects a toJSON(), before the harness was "
            "there. Let the harness open the page, or load /bxpull-harness/recorder.js before that code"
        )

    def _turn_to(self, page: str, before: str = "") -> Steps[None]:
        """Take over what pages before this one left behind; it has got that of ``before`` itself."""
        left = self._pages - {page, before}
        self._pages = {page} - {""}
        for known in left:
            yield from self._handover.wait_for(known, self._pump)

    def _pump(self) -> Steps[None]:
        if not self.is_closed():
            with suppress(Exception):  # it is being closed or replaced
                yield lambda: self.surface.evaluate(_PUMP)

    def _take_over(self, found: dict[str, Any]) -> None:
        """What a page has handed over: an error, what it had when it was about to go, or the last of it."""
        if not found["isLast"]:
            self._pages.add(found["page"])
        # What is before it may still come: by another request, or when the page is asked.
        self._handed.update(self._add(found))

    def _add(self, found: dict[str, Any]) -> list[tuple[str, int]]:
        """Entries of a count, from a number on; those that are known are left out.

        Returns:
            Count and number of those that are new.
        """
        count, first = found["count"], found["first"]
        known = self._next.get(count, 0)
        new = {
            (count, number): raw
            for number, raw in enumerate(found["entries"], first)
            if number >= known and (count, number) not in self._handed
        }
        self.entries += [entry_of(raw, self.name) for raw in new.values()]
        return list(new)

    def wait_more(self, timeout_s: float) -> Steps[None]:
        """Return when there may be something new; at the latest after ``timeout_s`` seconds."""
        argument = [*self._place, self.barrier, timeout_s * 1000]
        try:
            yield lambda: self.surface.evaluate(_MORE, argument)
        except Exception as error:
            # Whoever fetches next learns of a crash.
            if not is_passing(error) and not is_crash(error):
                raise

    @property
    def _place(self) -> list[Any]:
        return [self._count, self._next.get(self._count, 0)]

    def debug_info(self) -> Steps[dict[str, Any] | None]:
        """What the client says of itself; None where there is none."""
        info: dict[str, Any] | None = yield lambda: self.surface.evaluate(_DEBUG)
        return info


_PASSING = (
    "context was destroyed",
    "Cannot find context",
    "navigat",
    "has been closed",
    "been unloaded",
    "frame was detached",
    "no longer exists",
    "Page closed",
    "javascript error: document unloaded",
    "no such window",
)
_CRASHED = ("page crashed", "target crashed", "tab crashed")


def is_passing(error: BaseException) -> bool:
    """Whether a script failed because its page is being replaced or is closed, which passes."""
    return any(part.lower() in str(error).lower() for part in _PASSING)


def is_crash(error: BaseException) -> bool:
    """Whether a script failed because the browser has lost the page's process, which does not pass."""
    return any(part in str(error).lower() for part in _CRASHED)
