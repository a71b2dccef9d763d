"""How page and server speak with each other: the server's version, and what carries the messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bxpull_server.journal import PollClosed, SocketClosed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bxpull_server import PushServer
    from bxpull_server.journal import Entry
    from bxpull_server.options import OptionValues

WEBSOCKET = "WebSocket"
LONG_POLLING = "long polling"
# What a refused poll is answered with, where a socket is closed with 4010.
_FORBIDDEN = 403


@dataclass(frozen=True)
class Wire:
    """One way to speak.

    Attributes:
        version: The push server's.
        transport: ``WebSocket`` or ``long polling``.
    """

    version: int
    transport: str

    def __str__(self) -> str:
        return f"version {self.version}, {self.transport}"

    @property
    def is_socket(self) -> bool:
        """Whether messages come over a WebSocket."""
        return self.transport == WEBSOCKET

    @property
    def format(self) -> str:
        """The wire format, as ``connections()`` of the server names it."""
        return "text" if self.version < 4 else "protobuf" if self.version == 4 else "json-rpc"

    @property
    def options(self) -> OptionValues:
        """The server's options for it."""
        return {"server_version": self.version, "websocket_enabled": self.is_socket}

    def refusals(self, entries: Iterable[Entry]) -> int:
        """How many subscriptions were refused for their channels."""
        return sum(
            isinstance(entry, SocketClosed) and entry.code == 4010
            if self.is_socket
            else isinstance(entry, PollClosed) and entry.status == _FORBIDDEN
            for entry in entries
        )

    def wait_left(self, server: PushServer, code: int) -> None:
        """Waits until the client has left its connection with this code; polls just end."""
        if self.is_socket:
            server.wait_request(lambda entry: isinstance(entry, SocketClosed) and entry.code == code)


WIRES = tuple(
    Wire(version, transport) for transport in (WEBSOCKET, LONG_POLLING) for version in (1, 2, 3, 4, 5)
)
DEFAULT = Wire(4, WEBSOCKET)
FORMATS = tuple(wire for wire in WIRES if wire.version >= 3 and wire.is_socket)
"""One for each format: to a client, versions 1 and 2 differ from 3 in the number alone."""
FORMATS_AND_TRANSPORTS = tuple(wire for wire in WIRES if wire.version >= 3)
"""For tests of what the transport has a part in."""
