"""How many TCP connections each address has."""

from collections import Counter

from bxpull_server.limits import CONNECTIONS_PER_FAR_ADDRESS, Limits
from bxpull_server.web.host_names import is_loopback


class Peers:
    """Counts the connections of one listening socket."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def arrived(self, address: str, limits: Limits) -> str:
        """Count one more; why it is too many, or "" if it is not. Either way it has to leave."""
        self._open[address] += 1
        limit = limits.connections_per_address
        if limit is None:
            if is_loopback(address):
                return ""
            limit = CONNECTIONS_PER_FAR_ADDRESS
        if self._open[address] <= limit:
            return ""
        return f"{address} has {limit} connections: connections_per_address allows no more"

    def left(self, address: str) -> None:
        """Count one less."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
