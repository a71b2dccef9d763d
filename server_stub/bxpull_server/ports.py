"""Ports to listen on, and to come back to."""

import errno
import os
import socket
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from bxpull_server.errors import PortInUseError, StartError

BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port`` (0: a free one).

    Raises:
        PortInUseError: Somebody else has the port.
        StartError: The host is unknown or the port may not be used.
    """
    try:
        sock, address = _unbound(host, port)
    except (OSError, UnicodeError) as error:  # UnicodeError: parts of a name have 1 to 63 characters
        reason = error.strerror if isinstance(error, OSError) else "no name is like this"
        raise StartError(
            f"host {host!r} is unknown ({reason}): give a name or address of this machine"
        ) from None
    try:
        sock.bind(address)
        # Two sockets may be bound to one port; listening is what only one can do.
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(host, port) from None
        raise StartError(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    sock.setblocking(False)
    return sock


class KeptPorts:
    """Ports of a server that is away for a while: the system gives them to nobody else meanwhile.

    Nobody listens on them, so clients are refused.
    A server that asks for one by its number may still have it.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        weakref.finalize(self, _close, self._sockets)

    def keep(self, host: str, ports: Iterable[int]) -> None:
        """Keep these, as far as they are free."""
        for port in ports:
            with suppress(OSError):
                sock, address = _unbound(host, port)
                self._sockets.append(sock)
                sock.bind(address)

    def free(self) -> None:
        """Keep none any more."""
        _close(self._sockets)


def _unbound(host: str, port: int) -> tuple[socket.socket, Any]:
    """A socket, and the address for it."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    if os.name == "posix":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock, address


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()
    sockets.clear()
