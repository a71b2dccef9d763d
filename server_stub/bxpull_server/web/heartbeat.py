"""The plain text ``ping``, every ten seconds: a JSON-RPC client takes its absence for a dead line."""

from bxpull_server.clock import Clock
from bxpull_server.connection import Connection
from bxpull_server.protocol.framing import framed
from bxpull_server.protocol.jsonrpc import PING
from bxpull_server.rounds import Rounds

INTERVAL_S = 10.0
_FRAMED = framed(PING)


def heartbeats(clock: Clock) -> Rounds[Connection]:
    """Pings each subscriber that joins, until it leaves."""
    return Rounds(clock, INTERVAL_S, _beat)


def _beat(connection: Connection) -> None:
    if not connection.write_now(_FRAMED):
        connection.push_raw(PING, in_order=False)
