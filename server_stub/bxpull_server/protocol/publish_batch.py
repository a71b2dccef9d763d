"""What publishers ask for in a protobuf ``RequestBatch``; one bad part refuses all of it."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bxpull_server.errors import EventTooLargeError, FrameError, PublishRefusedError, QueryError
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.events import parse_event
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, Sender
from bxpull_server.protocol.protobuf.coding import decode
from bxpull_server.protocol.protobuf.schema import Channel, IncomingMessage, Request, RequestBatch
from bxpull_server.protocol.publications import (
    DEFAULT_LIMITS,
    Publication,
    PublishLimits,
    check_has_receivers,
)
from bxpull_server.protocol.receivers import Receivers


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish these."""

    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class TellChannels:
    """Tell whether anybody listens to these channels.

    Attributes:
        channels: Channel id and whether it was called private, in the order asked for.
    """

    channels: tuple[tuple[str, bool], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TellServer:
    """Tell about the server."""


Command = Publish | TellChannels | TellServer


def read_browser_batch(
    data: bytes, receivers: Receivers, limits: PublishLimits = DEFAULT_LIMITS
) -> tuple[Publish, ...]:
    """What a browser asks for.

    Raises:
        PublishRefusedError: 4013 (unreadable), 4014 (not for browsers), 4015 (no command), 4016 to 4021.
    """
    batch = _decoded(data, limits)
    for request in batch.requests:
        if request.channel_stats is not None or request.server_stats is not None:
            raise PublishRefusedError(
                CloseCode.COMMAND_NOT_ALLOWED, "statistics are for back ends: browsers may only publish"
            )
    return tuple(_publishes(batch, receivers, limits, lambda _message: Sender.CLIENT))


def read_backend_batch(
    data: bytes, receivers: Receivers, limits: PublishLimits = DEFAULT_LIMITS
) -> tuple[Command, ...]:
    """What a back end asks for.

    Raises:
        PublishRefusedError: 4013 (unreadable), 4015 (no command), 4016 to 4019, 4021.
    """
    batch = _decoded(data, limits)
    publishes = iter(_publishes(batch, receivers, limits, _backend_sender))
    return tuple(_statistics(request, receivers) or next(publishes) for request in batch.requests)


def _decoded(data: bytes, limits: PublishLimits) -> RequestBatch:
    """The batch, and not too much in it; receivers are not verified yet."""
    try:
        batch = decode(RequestBatch, data)
    except FrameError as error:
        raise PublishRefusedError(CloseCode.REQUEST_UNPARSABLE, str(error)) from None
    if not batch.requests or any(request == Request() for request in batch.requests):
        raise PublishRefusedError(CloseCode.UNKNOWN_COMMAND, "a request holds no command this server knows")
    publishes = [request.incoming_messages for request in batch.requests if request.incoming_messages]
    asked = [request.channel_stats for request in batch.requests if request.channel_stats]
    if not all(publish.messages for publish in publishes):
        raise PublishRefusedError(CloseCode.UNKNOWN_COMMAND, "incomingMessages holds no messages")
    messages = [message for publish in publishes for message in publish.messages]
    limits.check_message_count(len(messages))
    for number, message in enumerate(messages, 1):
        check_has_receivers(message.receivers, number)
    if not all(statistics.channels for statistics in asked):
        raise PublishRefusedError(CloseCode.NO_CHANNELS_FOUND, "channelStats names no channels")
    named = [channel.id for message in messages for channel in message.receivers]
    named += [channel.id for statistics in asked for channel in statistics.channels]
    limits.check_receiver_count(len(set(named)))
    return batch


def _statistics(request: Request, receivers: Receivers) -> TellChannels | TellServer | None:
    if request.server_stats is not None:
        return TellServer()
    if request.channel_stats is None:
        return None
    channels = request.channel_stats.channels
    return TellChannels(tuple((receivers.channel_of(channel), channel.is_private) for channel in channels))


def _publishes(
    batch: RequestBatch,
    receivers: Receivers,
    limits: PublishLimits,
    sender_of: Callable[[IncomingMessage], Sender],
) -> list[Publish]:
    numbers = itertools.count(1)
    return [
        Publish(
            tuple(
                Publication(
                    body=_event(message.body, next(numbers), limits),
                    channels=_channels(message.receivers, receivers),
                    expiry=DEFAULT_EXPIRY_S if message.expiry is None else message.expiry,
                    sender=sender_of(message),
                )
                for message in request.incoming_messages.messages
            )
        )
        for request in batch.requests
        if request.incoming_messages is not None
    ]


def _channels(named: Iterable[Channel], receivers: Receivers) -> tuple[str, ...]:
    return tuple(dict.fromkeys(receivers.channel_of(receiver) for receiver in named))


def _event(body: str, number: int, limits: PublishLimits) -> str:
    try:
        limits.check_size(body)
        return parse_event(body.encode())
    except (QueryError, EventTooLargeError) as error:
        raise PublishRefusedError(CloseCode.REQUEST_UNPARSABLE, f"message {number}: {error}") from None


def _backend_sender(message: IncomingMessage) -> Sender:
    named = message.sender.type if message.sender is not None else Sender.UNKNOWN
    return named or Sender.BACKEND
