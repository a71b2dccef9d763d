"""Which wire format a connection speaks; every format is one class with the same two functions."""

from collections.abc import Iterable
from typing import Protocol

from bxpull_server.errors import QueryError
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.subscribe import SubscribeRequest
from bxpull_server.protocol.text import TextCodec


class Codec(Protocol):
    """Turns messages into WebSocket messages."""

    @property
    def name(self) -> str:
        """Key under which encoded frames are shared between connections."""

    def encode(self, message: Message) -> str:
        """One frame."""

    def join(self, frames: Iterable[str]) -> str:
        """One WebSocket message from frames of this codec."""


TEXT = TextCodec()


def choose_codec(request: SubscribeRequest) -> Codec:
    """The format this subscriber gets.

    Raises:
        QueryError: It asks for one this server does not speak.
    """
    if request.json_rpc:
        raise QueryError("jsonRpc=true needs server version 5; this server sends text frames")
    return TEXT
