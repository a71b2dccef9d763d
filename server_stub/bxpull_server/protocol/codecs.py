"""Which wire format a connection speaks; every format is one class with the same two functions."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from bxpull_server.errors import VersionError
from bxpull_server.protocol.jsonrpc import JsonRpcCodec
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.protobuf.frames import ProtobufCodec
from bxpull_server.protocol.subscribe import SubscribeRequest
from bxpull_server.protocol.text import TextCodec

PROTOBUF_SINCE = 4
JSON_RPC_SINCE = 5

Frame = str | bytes
F = TypeVar("F", str, bytes)


class Codec(Protocol[F]):
    """Turns messages into WebSocket messages: text or binary ones."""

    @property
    def name(self) -> str:
        """Key under which encoded frames are shared between connections."""

    def encode(self, message: Message) -> F:
        """One frame."""

    def join(self, frames: Iterable[F]) -> F:
        """One WebSocket message from frames of this codec, at least one; a single one is a message itself."""


AnyCodec = Codec[str] | Codec[bytes]

TEXT = TextCodec()
PROTOBUF = ProtobufCodec()
JSON_RPC = JsonRpcCodec()


def choose_codec(request: SubscribeRequest, version: int) -> AnyCodec:
    """The format a subscriber gets from a server of this version.

    Raises:
        VersionError: It asks for JSON-RPC, and the version is too low.
    """
    if request.json_rpc:
        if version < JSON_RPC_SINCE:
            raise VersionError(
                f"jsonRpc=true needs server version {JSON_RPC_SINCE}; for this user the server has {version}"
            )
        return JSON_RPC
    return PROTOBUF if request.binary and version >= PROTOBUF_SINCE else TEXT
