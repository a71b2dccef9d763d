"""What a subscriber asks for in its URL."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from bxpull_server.errors import QueryError
from bxpull_server.protocol.channels import MAX_CHANNELS, ChannelRef, parse_channel_list
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.mids import is_mid

_KEYS = (
    "CHANNEL_ID",
    "binaryMode",
    "clientId",
    "history",
    "hostname",
    "jsonRpc",
    "mid",
    "revision",
    "tag",
    "time",
    "token",
    "verdict",
)
_MAX_FIELDS = 32
_WORD = re.compile(r"[A-Za-z_]{1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SubscribeRequest:
    """A parsed subscription.

    Attributes:
        channels: What to listen to, signatures not yet verified; empty if there is a token.
        token: JWT that says what to listen to, not yet verified, or None.
        mid: Resume after this message, or None to begin with the next one.
        binary: ``binaryMode=true``: the client can read protobuf.
        json_rpc: ``jsonRpc=true``: the client speaks JSON-RPC.
        client_id: ``clientId`` of the config, or None.
        verdict: ``verdict=true``: the client wants to be told whether the history covers its ``mid``.
        history: ``history=<begin>``: the history that ``mid`` is of, as a verdict named it; "": not known.
        heard: ``verdict=<position>``: the same, but it goes on with the polls of a connection whose verdict,
            with this position, has reached it; "": it does not.
    """

    channels: tuple[ChannelRef, ...]
    token: str | None = field(default=None, repr=False)
    mid: str | None = None
    binary: bool = False
    json_rpc: bool = False
    client_id: str | None = field(default=None, repr=False)
    verdict: bool = False
    history: str = ""
    heard: str = ""


def parse_subscribe(query: str, max_channels: int = MAX_CHANNELS) -> SubscribeRequest:
    """Parse the query string of a subscription, strictly.

    ``hostname``, ``tag``, ``time`` and ``revision`` are taken and change nothing: ``mid`` says all of them.

    Raises:
        QueryError: An unknown or repeated key, a malformed value, or both ``CHANNEL_ID`` and ``token``.
        ChannelError: ``CHANNEL_ID`` is malformed, or missing without a token.
    """
    fields = _fields(query)
    for key in fields:
        if key not in _KEYS:
            raise QueryError(f"unknown query key {_shown(key)}: known are {', '.join(_KEYS)}")
    token = fields.get("token") or None
    if token is not None and "CHANNEL_ID" in fields:
        raise QueryError("send either CHANNEL_ID or token, not both")
    mid = fields.get("mid") or None
    if mid is not None and not is_mid(mid):
        raise QueryError("mid must be 26 decimal digits")
    verdict = fields.get("verdict", "false")
    if verdict not in ("true", "false") and not is_mid(verdict):
        raise QueryError("verdict must be true, false, or the position of a verdict that was heard")
    history = fields.get("history", "")
    if history and not is_mid(history):
        raise QueryError("history must be the beginning that a verdict named")
    revision = fields.get("revision", "0")
    if not (revision.isascii() and revision.isdigit()):
        raise QueryError("revision must be a whole number")
    return SubscribeRequest(
        channels=() if token is not None else parse_channel_list(fields.get("CHANNEL_ID", ""), max_channels),
        token=token,
        mid=mid,
        binary=_flag(fields, "binaryMode"),
        json_rpc=_flag(fields, "jsonRpc"),
        client_id=fields.get("clientId") or None,
        verdict=verdict != "false",
        history=history,
        heard=verdict if is_mid(verdict) else "",
    )


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise QueryError(f"the query string has more than {_MAX_FIELDS} fields") from None
    fields: dict[str, str] = {}
    for key, value in pairs:
        if key in fields:
            raise QueryError(f"query key {_shown(key)} is given twice")
        fields[key] = value
    return fields


def _flag(fields: dict[str, str], key: str) -> bool:
    value = fields.get(key, "false")
    if value not in ("true", "false"):
        raise QueryError(f"{key} must be true or false")
    return value == "true"


def _shown(key: str) -> str:
    """A key fit for a log line: a short word or a known one as it is, anything else could be a secret."""
    return repr(key) if _WORD.fullmatch(key) or key.upper() in map(str.upper, _KEYS) else fingerprint(key)
