"""What a publisher asks for, whatever the format, and how much of it a request may hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bxpull_server.errors import PublishRefusedError
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, Sender

MAX_MESSAGES = 100
MAX_RECEIVERS = 100


@dataclass(frozen=True, slots=True)
class Publication:
    """One event to publish.

    Attributes:
        body: The event as JSON text.
        channels: Channel ids, verified.
        users: Users and guests whose channels get it, too.
        expiry: Seconds it is kept.
        sender: Who publishes.
        dictionary: Additions to ``params`` for everybody.
        user_params: Further additions, by user.
    """

    body: str
    channels: tuple[str, ...] = field(default=(), repr=False)
    users: tuple[int, ...] = ()
    expiry: int = DEFAULT_EXPIRY_S
    sender: Sender = Sender.BACKEND
    dictionary: Mapping[str, Any] | None = None
    user_params: Mapping[int, Mapping[str, Any]] | None = None


def check_message_count(count: int) -> None:
    """Refuse a request with too many messages.

    Raises:
        PublishRefusedError: 4016.
    """
    if count > MAX_MESSAGES:
        raise PublishRefusedError(
            CloseCode.TOO_MANY_MESSAGES,
            f"the request has {count} messages: at most {MAX_MESSAGES} are allowed, send several requests",
        )


def check_has_receivers(receivers: Collection[object], number: int = 1) -> None:
    """Refuse a message for nobody.

    Args:
        receivers: Channels and users.
        number: Which message of the request it is.

    Raises:
        PublishRefusedError: 4017.
    """
    if not receivers:
        raise PublishRefusedError(
            CloseCode.NO_CHANNELS_FOUND, f"message {number} has no receivers: name at least one channel"
        )


def check_receiver_count(count: int) -> None:
    """Refuse a request for too many channels.

    Raises:
        PublishRefusedError: 4018.
    """
    if count > MAX_RECEIVERS:
        raise PublishRefusedError(
            CloseCode.TOO_MANY_CHANNELS,
            f"the request names {count} channels: at most {MAX_RECEIVERS} are allowed, send several requests",
        )
