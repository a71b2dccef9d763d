"""A stored message: an event with its id, on one channel."""

from dataclasses import field
from enum import IntEnum

from bxpull_server.value import value

DEFAULT_EXPIRY_S = 86_400
MAX_EXPIRY_S = 2**32 - 1


class Sender(IntEnum):
    """Who published, as in ``extra.sender.type``."""

    UNKNOWN = 0
    CLIENT = 1
    BACKEND = 2


@value
class Message:
    """One event on one channel; the same event on several channels has the same ``mid`` on each.

    Attributes:
        mid: 26 digits; "" for what is said to one subscriber only and is not in the stream.
        channel: 32 hex digits.
        body: The event as JSON text (on one line).
        created: Unix time in whole seconds.
        expiry: Seconds it is kept for those who connect later; 0: not at all.
        sender: Who published it.
        dictionary: Additions to the event's params, the same for all: an object as JSON text, or None.
        user_params: Additions for the one whose channel it is: an object as JSON text, or None.
    """

    mid: str
    channel: str = field(repr=False)
    body: str
    created: int
    expiry: int = DEFAULT_EXPIRY_S
    sender: Sender = Sender.BACKEND
    dictionary: str | None = None
    user_params: str | None = None
