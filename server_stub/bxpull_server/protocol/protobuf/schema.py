"""The messages of the protocol: ``RequestBatch`` to the server, ``ResponseBatch`` from it.

Channel ids and signatures are the raw bytes of their hex digits, and a mid travels as 13 bytes.
"""
# ruff: noqa: RUF009 - what is called there is dataclasses.field

from dataclasses import dataclass

from bxpull_server.protocol.messages import Sender as SenderType
from bxpull_server.protocol.protobuf.fields import (
    BOOL,
    BYTES,
    FIXED32,
    STRING,
    UINT32,
    enum,
    nested,
    optional,
    repeated,
    scalar,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who published."""

    type: SenderType = scalar(1, enum(SenderType))
    id: bytes = scalar(2, BYTES, secret=True)


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as requests name it: ``Receiver`` and ``ChannelId`` of the protocol."""

    id: bytes = scalar(1, BYTES, secret=True)
    is_private: bool = scalar(2, BOOL)
    signature: bytes = scalar(3, BYTES, secret=True)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """An event to publish; publishers write ``expiry`` always, 0 included."""

    receivers: tuple[Channel, ...] = repeated(1, Channel)
    sender: Sender | None = nested(2, Sender)
    body: str = scalar(3, STRING)
    expiry: int | None = optional(4, UINT32)
    type: str = scalar(5, STRING)


@dataclass(frozen=True, slots=True)
class IncomingMessagesRequest:
    """Publish these."""

    messages: tuple[IncomingMessage, ...] = repeated(1, IncomingMessage)


@dataclass(frozen=True, slots=True)
class ChannelStatsRequest:
    """Tell whether anybody listens to these channels."""

    channels: tuple[Channel, ...] = repeated(1, Channel)


@dataclass(frozen=True, slots=True)
class ServerStatsRequest:
    """Tell about the server."""


@dataclass(frozen=True, slots=True)
class Request:
    """One of the commands."""

    incoming_messages: IncomingMessagesRequest | None = nested(1, IncomingMessagesRequest, oneof=True)
    channel_stats: ChannelStatsRequest | None = nested(2, ChannelStatsRequest, oneof=True)
    server_stats: ServerStatsRequest | None = nested(3, ServerStatsRequest, oneof=True)


@dataclass(frozen=True, slots=True)
class RequestBatch:
    """What a publisher sends."""

    requests: tuple[Request, ...] = repeated(1, Request)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """An event as subscribers get it."""

    id: bytes = scalar(1, BYTES)
    body: str = scalar(2, STRING)
    expiry: int = scalar(3, UINT32)
    created: int = scalar(4, FIXED32)
    sender: Sender | None = nested(5, Sender)


@dataclass(frozen=True, slots=True)
class OutgoingMessagesResponse:
    """Events."""

    messages: tuple[OutgoingMessage, ...] = repeated(1, OutgoingMessage)


@dataclass(frozen=True, slots=True)
class ChannelStats:
    """Whether anybody listens to a channel."""

    id: bytes = scalar(1, BYTES, secret=True)
    is_private: bool = scalar(2, BOOL)
    is_online: bool = scalar(3, BOOL)


@dataclass(frozen=True, slots=True)
class ChannelStatsResponse:
    """The answer to :class:`ChannelStatsRequest`, in its order."""

    channels: tuple[ChannelStats, ...] = repeated(1, ChannelStats)


@dataclass(frozen=True, slots=True)
class JsonResponse:
    """An answer as JSON."""

    json: str = scalar(1, STRING)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to one command, or events."""

    outgoing_messages: OutgoingMessagesResponse | None = nested(1, OutgoingMessagesResponse, oneof=True)
    channel_stats: ChannelStatsResponse | None = nested(2, ChannelStatsResponse, oneof=True)
    server_stats: JsonResponse | None = nested(3, JsonResponse, oneof=True)


@dataclass(frozen=True, slots=True)
class ResponseBatch:
    """What the server sends."""

    responses: tuple[Response, ...] = repeated(1, Response)
