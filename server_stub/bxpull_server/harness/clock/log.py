"""What happened, in an order that does not depend on how fast it went."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from bxpull_server.journal import (
    ApiRequest,
    BrowserPublish,
    Entry,
    PollOpened,
    PublishRequest,
    RestRequest,
    SocketOpened,
)


class Log:
    """Notes of pages, and requests that reached the server.

    Of one moment, those of the server come first, in alphabetical order: when two pages ask at once, either
    may be the first. Those of pages are in the order of the pages.
    """

    def __init__(self) -> None:
        # Milliseconds, number of the page (0: the server), place, text.
        self._entries: list[tuple[int, int, int, str]] = []
        self._newest: Entry | None = None

    @property
    def entries(self) -> list[tuple[float, str]]:
        """Each with the seconds of its moment."""
        return [(moment / 1000, what) for moment, _number, _place, what in sorted(self._entries)]

    def add_notes(self, number: int, name: str, notes: Iterable[tuple[int, str]]) -> None:
        """What the page of this number, from 1, told; each with the milliseconds of its moment."""
        for moment, what in notes:
            self._entries.append((moment, number, len(self._entries), f"{name}: {what}"))

    def add_requests(self, moment: int, journal: list[Entry]) -> None:
        """What is new in the server's journal, at the milliseconds of this moment."""
        new: list[Entry] = []
        for entry in reversed(journal):
            if entry is self._newest:
                break
            new.append(entry)
        if journal:
            self._newest = journal[-1]
        for entry in reversed(new):
            what = _told(entry)
            if what:
                self._entries.append((moment, 0, 0, f"server: {what}"))


def _told(entry: Entry) -> str:
    """What the log says of an entry; nothing of one that another one has told already. No secrets."""
    match entry:
        case RestRequest():
            return f"{PurePosixPath(entry.path).stem} of user {entry.user}, {entry.status}"
        case SocketOpened():
            return f"socket of user {entry.user}" if entry.connection else "socket refused"
        case PollOpened():
            return f"poll of user {entry.user}" if entry.connection else "poll refused"
        case PublishRequest() | ApiRequest() | BrowserPublish():
            return f"publish, {entry.status}"
        case _:
            return ""
