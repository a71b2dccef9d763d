"""WebSocket close codes of the protocol and what fits into a close reason."""

from enum import IntEnum

from bxpull_server.errors import EventError

MAX_REASON_BYTES = 123
_STANDARD = (1000, 1001, 1008, 1011, 1012, 1013)
_PRIVATE = range(3000, 5000)


class CloseCode(IntEnum):
    """Who closes and why; 3000 to 3006 are sent by clients, the rest by servers."""

    NORMAL = 1000
    GOING_AWAY = 1001
    POLICY_VIOLATION = 1008
    TRY_AGAIN_LATER = 1013
    CONFIG_REPLACED = 3000
    CHANNEL_EXPIRED = 3001
    SERVER_RESTARTED = 3002
    CONFIG_EXPIRED = 3003
    MANUAL = 3004
    STUCK = 3005
    BACKEND_ERROR = 3006
    WRONG_CHANNEL_ID = 4010
    NO_PUBLIC_CHANNEL = 4012
    REQUEST_UNPARSABLE = 4013
    COMMAND_NOT_ALLOWED = 4014
    UNKNOWN_COMMAND = 4015
    TOO_MANY_MESSAGES = 4016
    NO_CHANNELS_FOUND = 4017
    TOO_MANY_CHANNELS = 4018
    INVALID_CHANNEL_ID = 4019
    PRIVATE_CHANNEL_NOT_ALLOWED = 4020
    INVALID_CHANNEL_SIGNATURE = 4021
    TOO_MANY_CONNECTIONS = 4029


def check_close_code(code: object) -> int:
    """``code`` if a server may close a connection with it.

    Raises:
        EventError: It is not a whole number, is reserved, or means something only clients say.
    """
    if isinstance(code, bool) or not isinstance(code, int) or not (code in _STANDARD or code in _PRIVATE):
        raise EventError(
            "code", f"must be 1000, 1001, 1008, 1011, 1012, 1013 or from 3000 to 4999, not {code!r:.40}"
        )
    return int(code)


def close_reason(text: str) -> str:
    """``text`` cut to what a close frame can carry (123 bytes of UTF-8), at a character's edge."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= MAX_REASON_BYTES:
        return raw.decode()
    return raw[: MAX_REASON_BYTES - 3].decode("utf-8", "ignore") + "…"
