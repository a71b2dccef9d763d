"""Watch tags: who wants the events of which tag, each watch for 1,860 seconds unless extended."""

from collections.abc import Iterable

from bxpull_server.clock import Clock

WATCH_LIFE_S = 1860.0


class Watches:
    """Users by tag.

    Args:
        clock: Says when a watch has run out.
        life_s: Seconds a watch lives.
    """

    def __init__(self, clock: Clock, life_s: float = WATCH_LIFE_S) -> None:
        self._clock = clock
        self._life_s = life_s
        self._until: dict[str, dict[int, float]] = {}

    def add(self, user: int, tag: str) -> None:
        """``user`` watches ``tag`` from now on."""
        self._until.setdefault(tag, {})[user] = self._clock.monotonic() + self._life_s

    def extend(self, user: int, tags: Iterable[str]) -> dict[str, bool]:
        """Renew the user's watches; False for a tag the user does not watch (any more)."""
        known: dict[str, bool] = {}
        for tag in tags:
            known[tag] = user in self.users(tag)
            if known[tag]:
                self.add(user, tag)
        return known

    def users(self, tag: str) -> list[int]:
        """Who watches ``tag`` now; forgets watches that have run out."""
        watchers = self._until.get(tag)
        if watchers is None:
            return []
        now = self._clock.monotonic()
        for user in [user for user, until in watchers.items() if until <= now]:
            del watchers[user]
        if not watchers:
            del self._until[tag]
        return list(watchers)
