"""What a publisher asks for, whatever the format, and how much of it a request may hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bxpull_server.errors import EventTooLargeError, PublishRefusedError
from bxpull_server.protocol.channels import MAX_CHANNELS
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.messages import DEFAULT_EXPIRY_S, Sender
from bxpull_server.value import value


@dataclass(frozen=True, slots=True)
class PublishLimits:
    """How much one request may hold; each is an option of the server.

    Attributes:
        messages: Option ``messages_per_request``.
        channels: Option ``channels_per_request``.
        event_bytes: Option ``event_limit``.
    """

    messages: int = 100
    channels: int = MAX_CHANNELS
    event_bytes: int = 1024 * 1024

    def check_message_count(self, count: int) -> None:
        """Refuse a request with too many messages.

        Raises:
            PublishRefusedError: 4016.
        """
        if count > self.messages:
            raise PublishRefusedError(
                CloseCode.TOO_MANY_MESSAGES,
                f"the request has {count} messages: at most {self.messages} are allowed "
                "(messages_per_request), send several requests",
            )

    def check_receiver_count(self, count: int) -> None:
        """Refuse a request for too many channels.

        Raises:
            PublishRefusedError: 4018.
        """
        if count > self.channels:
            raise PublishRefusedError(
                CloseCode.TOO_MANY_CHANNELS,
                f"the request names {count} channels: at most {self.channels} are allowed "
                "(channels_per_request), send several requests",
            )

    def check_size(self, event: str) -> None:
        """Refuse an event that is too large.

        Raises:
            EventTooLargeError: It is.
        """
        size = len(event) if event.isascii() else len(event.encode("utf-8", "replace"))
        if size > self.event_bytes:
            raise EventTooLargeError(
                f"the event has {size} bytes: at most {self.event_bytes} can be published (event_limit)"
            )


DEFAULT_LIMITS = PublishLimits()


@value
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
