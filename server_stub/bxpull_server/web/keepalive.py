"""Whether somebody is at the end of a line that brings nothing: pings of WebSocket (RFC 6455, 5.5.2)."""

from typing import Protocol

from bxpull_server.clock import Clock
from bxpull_server.rounds import Group, Rounds

LOOK_S = 10.0
# Looks in a row before which nothing came.
_PING_AT = 1
_GIVE_UP_AT = 3


class Peer(Protocol):
    """At the other end of a line."""

    @property
    def is_behind(self) -> bool:
        """Whether its answer may wait behind something; that of a peer that takes nothing has an end, too."""

    def send_ping(self) -> None:
        """Ask it to say something."""

    def keepalive_timeout(self) -> None:
        """It is not there any more."""


class Keepalive:
    """Looks after one line every ten seconds.

    A peer that was silent since the last look is pinged, and given up if it is so for twenty seconds more.
    One that says something by itself, as JSON-RPC clients do, is never pinged.

    Attributes:
        is_heard: Whether something came since the last look; set by whoever reads it.
    """

    __slots__ = ("_group", "_peer", "_silent_looks", "is_heard")

    def __init__(self) -> None:
        self.is_heard = False
        self._silent_looks = 0
        self._peer: Peer | None = None
        self._group: Group[Keepalive] | None = None

    def start(self, rounds: "Rounds[Keepalive]", peer: Peer) -> None:
        """Look after this peer's line from now on."""
        self._peer = peer
        self._group = rounds.join(self)

    def stop(self) -> None:
        """Look no more."""
        if self._group is not None:
            self._group.leave(self)
        self._peer = self._group = None

    def look(self) -> None:
        """Ping it or give it up, if it is silent."""
        peer = self._peer
        if peer is None:
            return
        self._silent_looks = 0 if self.is_heard or peer.is_behind else self._silent_looks + 1
        self.is_heard = False
        if self._silent_looks == _PING_AT:
            peer.send_ping()
        elif self._silent_looks == _GIVE_UP_AT:
            peer.keepalive_timeout()


def keepalives(clock: Clock) -> Rounds[Keepalive]:
    """Looks after each line that joins. The clock is the machine's: peers are real."""
    return Rounds(clock, LOOK_S, Keepalive.look)
