"""Message ids: 26 decimal digits = 10-digit unix seconds + 16-digit counter, strictly growing."""

import re

NS_PER_S = 1_000_000_000
MID_DIGITS = 26
COUNTER_DIGITS = 16
TAG_DIGITS = 3
_COUNTER_SPAN = 10**COUNTER_DIGITS
_PATTERN = re.compile(rf"[0-9]{{{MID_DIGITS}}}", re.ASCII)


def is_mid(text: str) -> bool:
    """Whether ``text`` is 26 ASCII digits."""
    return _PATTERN.fullmatch(text) is not None


def seconds_of(mid: str) -> int:
    """Unix time of the message (or later, if the clock went backwards since)."""
    return int(mid[:-COUNTER_DIGITS])


def counter_of(mid: str) -> int:
    """What grows within one second."""
    return int(mid[-COUNTER_DIGITS:])


def tag_of(mid: str) -> str:
    """The three digits text frames carry beside the time: the counter's last ones."""
    return mid[-TAG_DIGITS:]


def mid_to_bytes(mid: str) -> bytes:
    """The 13 bytes that stand for a mid in protobuf: two digits each, so that their hex is the mid."""
    return bytes.fromhex(mid)


class MidSource:
    """Makes mids that strictly grow, also when the clock stands still or goes backwards.

    The counter starts each second at the nanosecond, so that a server restarted within the second goes on
    above the mids of its predecessor and no client takes its messages for old ones.
    """

    def __init__(self) -> None:
        self._last = -1

    def next(self, now_ns: int) -> str:
        """The next mid for a message of this moment (unix time in nanoseconds)."""
        number = now_ns // NS_PER_S * _COUNTER_SPAN + now_ns % NS_PER_S
        if number <= self._last:
            number = self._last + 1
        self._last = number
        return str(number).zfill(MID_DIGITS)
