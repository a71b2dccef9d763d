"""Who is online, and since when others are not."""

from collections import Counter
from collections.abc import Callable, Iterable

from bxpull_server.clock import Clock, unix_time


class Presence:
    """Counts the connections of each user, and keeps when the user was last seen.

    Connections of nobody (user 0) do not count.

    Attributes:
        on_change: Called with a user and whether that user is online now, whenever this changes.

    Args:
        clock: Says when a user was last seen.
    """

    def __init__(self, clock: Clock) -> None:
        self.on_change: Callable[[int, bool], object] | None = None
        self._clock = clock
        self._connections: Counter[int] = Counter()
        self._last_seen: dict[int, float] = {}

    def is_online(self, user: int) -> bool:
        """Whether the user (negative: a guest) has a connection."""
        return user in self._connections

    def last_seen(self, users: Iterable[int]) -> dict[int, int]:
        """For each user 0 when online, else seconds since then (at least 1); unknown users are missing."""
        now = unix_time(self._clock)
        found: dict[int, int] = {}
        for user in users:
            if self.is_online(user):
                found[user] = 0
            elif user in self._last_seen:
                found[user] = max(1, int(now - self._last_seen[user]))
        return found

    def set_last_seen(self, user: int, unix_ts: float) -> None:
        """The back end saw the user at this moment (unix time in seconds); an earlier one changes nothing."""
        self._last_seen[user] = max(unix_ts, self._last_seen.get(user, unix_ts))

    def arrived(self, user: int) -> None:
        """A connection of the user was opened."""
        if user == 0:
            return
        self._connections[user] += 1
        if self._connections[user] == 1:
            self._tell(user, online=True)

    def left(self, user: int) -> None:
        """A connection of the user is gone."""
        if user == 0:
            return
        self._connections[user] -= 1
        if self._connections[user] == 0:
            del self._connections[user]
            self.set_last_seen(user, unix_time(self._clock))
            self._tell(user, online=False)

    def _tell(self, user: int, *, online: bool) -> None:
        if self.on_change is not None:
            self.on_change(user, online)
