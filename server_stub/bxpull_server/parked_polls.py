"""Long polls between two requests: each stays connected for a while, so that nothing gets lost."""

from dataclasses import dataclass

from bxpull_server.clock import Clock, Timer
from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.hub import Hub

KEEP_S = 5.0

Key = tuple[tuple[str, ...], str, str, str]


@dataclass(frozen=True, slots=True)
class _Parked:
    connection: Connection
    timer: Timer


class ParkedPolls:
    """Connections whose client is expected to ask again.

    The next request is recognised by what it listens to, its format, the ``mid`` it continues from, and
    the verdict that it has heard, which moves no ``mid``. One
    that comes too late, or from an earlier ``mid`` because an answer did not arrive, gets a new connection,
    which continues from the store.

    Args:
        hub: Forgets those that did not come back.
        clock: Timers.
        keep_s: Seconds to wait for the next request.
    """

    def __init__(self, hub: Hub, clock: Clock, keep_s: float = KEEP_S) -> None:
        self._hub = hub
        self._clock = clock
        self._keep_s = keep_s
        self._parked: dict[Key, list[_Parked]] = {}

    def park(self, connection: Connection) -> None:
        """Wait for the next request."""
        if self._ends(connection.close_order):
            self._hub.disconnect(connection)
            return
        timer = self._clock.call_later(self._keep_s, lambda: self._drop(connection))
        connection.on_closing = lambda order: self._drop(connection) if self._ends(order) else None
        connection.between_polls = True
        self._parked.setdefault(_key_of(connection), []).append(_Parked(connection, timer))

    def resume(self, channels: tuple[str, ...], codec: str, mid: str, verdict: str = "") -> Connection | None:
        """The connection that the request for this continues; None: there is none."""
        waiting = self._parked.get((channels, codec, mid, verdict))
        return self._unpark(waiting[0].connection) if waiting else None

    def _drop(self, connection: Connection) -> None:
        self._hub.disconnect(self._unpark(connection))

    def _unpark(self, connection: Connection) -> Connection:
        key = _key_of(connection)
        waiting = self._parked[key]
        found = next(parked for parked in waiting if parked.connection is connection)
        waiting.remove(found)
        if not waiting:
            del self._parked[key]
        found.timer.cancel()
        connection.between_polls = False
        connection.on_closing = None
        return connection

    @staticmethod
    def _ends(order: CloseOrder | None) -> bool:
        """Whether its next request is not waited for, to tell it: the server stops, or begins anew."""
        return order is not None and order.with_all


def _key_of(connection: Connection) -> Key:
    return connection.channels, connection.codec.name, connection.position, connection.verdict
