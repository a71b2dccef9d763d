"""How much anybody may ask of the server: options of their own, each with a refusal that names it."""

from dataclasses import dataclass
from typing import TypedDict

from bxpull_server.option_checks import check_seconds, check_whole
from bxpull_server.protocol.publications import DEFAULT_LIMITS

KIB = 1024
MIB = 1024 * KIB
# What the parsers of URLs and headers can take at all.
_LONGEST_URL = 65_535
_MOST_HEADERS = 128
_LONGEST_HEAD = MIB
_A_DAY_S = 86_401.0
CONNECTIONS_PER_FAR_ADDRESS = 1_000


class LimitValues(TypedDict, total=False):
    """The limits as keyword arguments; see :class:`Limits`."""

    connections_per_user: int
    connections_per_address: int | None
    url_limit: int
    header_limit: int
    header_count: int
    body_limit: int
    message_limit: int
    event_limit: int
    messages_per_request: int
    channels_per_request: int
    publish_rate: int
    publish_burst: int
    head_timeout_s: float
    body_timeout_s: float
    idle_timeout_s: float
    write_timeout_s: float
    history_limit: int
    history_bytes: int
    queue_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is too much.

    Attributes:
        connections_per_user: Subscribers of one user; more are refused with 4029, or 429.
        connections_per_address: TCP connections from one address; more are answered 429. None: 1,000, and any
            number from this machine.
        url_limit: Bytes of a URL, without the host; longer ones are answered 414.
        header_limit: Bytes of a request's header lines together; more are answered 431.
        header_count: Header lines of a request; more are answered 431.
        body_limit: Bytes of a request body; larger ones are answered 413.
        message_limit: Bytes of a WebSocket message from a page; a larger one closes it with 1009.
        event_limit: Bytes of an event to publish, as JSON.
        messages_per_request: Events that one request may publish; more are refused with 4016.
        channels_per_request: Channels that one request may name; more are refused with 4018, or 4010.
        publish_rate: Events and commands a second from one connection of a page, over time.
        publish_burst: How many of them may come at once.
        head_timeout_s: Seconds that a request may take from its first byte to the end of its header lines.
        body_timeout_s: Seconds that its body may take.
        idle_timeout_s: Seconds that a connection without a request stays open.
        write_timeout_s: Seconds after which a peer that takes nothing of what it was sent is cut off.
        history_limit: Messages kept a channel.
        history_bytes: Bytes of memory that the kept messages of all channels may take, roughly.
        queue_limit: Characters that may wait for one slow connection before it is closed.
    """

    connections_per_user: int = 100
    connections_per_address: int | None = None
    url_limit: int = 32 * KIB
    header_limit: int = 64 * KIB
    header_count: int = _MOST_HEADERS
    body_limit: int = MIB
    message_limit: int = MIB
    event_limit: int = DEFAULT_LIMITS.event_bytes
    messages_per_request: int = DEFAULT_LIMITS.messages
    channels_per_request: int = DEFAULT_LIMITS.channels
    publish_rate: int = 100
    publish_burst: int = 1_000
    head_timeout_s: float = 10
    body_timeout_s: float = 60
    idle_timeout_s: float = 60
    write_timeout_s: float = 60
    history_limit: int = 20_000
    history_bytes: int = 256 * MIB
    queue_limit: int = 16 * MIB


def check_limits(limits: Limits) -> None:
    """Check them.

    Raises:
        OptionsError: A value cannot be used; names the option.
    """
    if limits.connections_per_address is not None:
        check_whole("connections_per_address", limits.connections_per_address, 1)
    check_whole("url_limit", limits.url_limit, 1, _LONGEST_URL)
    check_whole("header_limit", limits.header_limit, 1, _LONGEST_HEAD)
    check_whole("header_count", limits.header_count, 1, _MOST_HEADERS)
    for name in (
        *("connections_per_user", "body_limit", "message_limit", "event_limit", "messages_per_request"),
        *("channels_per_request", "publish_rate", "publish_burst"),
        *("history_limit", "history_bytes", "queue_limit"),
    ):
        check_whole(name, getattr(limits, name), 1)
    for name in ("head_timeout_s", "body_timeout_s", "idle_timeout_s", "write_timeout_s"):
        check_seconds(name, getattr(limits, name), below=_A_DAY_S)
