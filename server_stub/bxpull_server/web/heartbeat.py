"""The plain text ``ping``, every ten seconds: a JSON-RPC client takes its absence for a dead line."""

from bxpull_server.clock import Clock, Timer
from bxpull_server.connection import Connection
from bxpull_server.protocol.framing import framed
from bxpull_server.protocol.jsonrpc import PING

INTERVAL_S = 10.0
_FRAMED = framed(PING)


class Heartbeat:
    """Pings one subscriber, until stopped.

    Args:
        clock: Timers.
        connection: The subscriber.
    """

    __slots__ = ("_clock", "_connection", "_timer")

    def __init__(self, clock: Clock, connection: Connection) -> None:
        self._clock = clock
        self._connection = connection
        self._timer: Timer = clock.call_later(INTERVAL_S, self._beat)

    def stop(self) -> None:
        """Ping no more."""
        self._timer.cancel()

    def _beat(self) -> None:
        self._timer = self._clock.call_later(INTERVAL_S, self._beat)
        if not self._connection.write_now(_FRAMED):
            self._connection.push_raw(PING, in_order=False)
