"""Tokens: the JWT that stands for ``CHANNEL_ID`` from server version 5 on.

Signed with HS256 and the signature key that portal and push server share, whatever its length; a token that
names another algorithm is refused before its signature is looked at.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidAlgorithmError, InvalidSignatureError, PyJWTError

from bxpull_server.errors import TokenError
from bxpull_server.handed_out import hand_out
from bxpull_server.protocol.channels import MAX_CHANNELS, is_channel_id

ALGORITHM = "HS256"
_MAX_USER_DIGITS = 16


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a verified token says.

    Attributes:
        user: Whose token it is (claim ``sub``); 0: nobody's, only ``channels`` count.
        channels: Channel ids the holder may listen to (claim ``chan``), 32 hex digits each.
        expires: Unix time in seconds.
        issuer: Host id of the portal that issued it (claim ``iss``).
    """

    user: int
    channels: tuple[str, ...] = field(repr=False)
    expires: int
    issuer: str


class _SharedKey(HMACAlgorithm):
    """HMAC with the key as it is: the portal chose it, and there is no second algorithm to confuse."""

    def prepare_key(self, key: str | bytes) -> bytes:
        return key.encode() if isinstance(key, str) else key

    def check_key_length(self, key: bytes) -> str | None:  # noqa: ARG002
        return None


_jws = PyJWS(algorithms=[])
_jws.register_algorithm(ALGORITHM, _SharedKey(hashlib.sha256))


def issue_token(
    key: str,
    *,
    issuer: str,
    issued_at: int,
    lifetime_s: int,
    subject: str | None,
    channels: Sequence[str],
) -> str:
    """A token as the portal puts it into a config.

    Args:
        key: The shared signature key.
        issuer: Host id of the portal.
        issued_at: Unix time in seconds.
        lifetime_s: Seconds until it expires.
        subject: User id of a signed-in user, or None.
        channels: Channel ids to listen to besides the user's own.
    """
    claims: dict[str, Any] = {"iss": issuer, "iat": issued_at, "exp": issued_at + lifetime_s}
    if subject is not None:
        claims["sub"] = subject
    claims["chan"] = ",".join(channels)
    token = _jws.encode(json.dumps(claims, separators=(",", ":")).encode(), key, ALGORITHM)
    return hand_out("token", token)


def read_token(
    text: str, key: str, *, issuer: str | None, now: float, max_channels: int = MAX_CHANNELS
) -> TokenClaims:
    """Verify a token and read its claims.

    Args:
        text: The token.
        key: The shared signature key.
        issuer: Host id that must have issued it; None: any.
        now: Unix time in seconds.
        max_channels: How many it may name.

    Raises:
        TokenError: Malformed, signed with another key or algorithm, expired, or without a claim it needs.
    """
    claims = _verified(text, key)
    issued_by = claims.get("iss")
    if not isinstance(issued_by, str):
        raise TokenError("the token has no claim iss: it must name the host that issued it")
    if issuer is not None and issued_by != issuer:
        raise TokenError("the token was issued by another host")
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int):
        raise TokenError("the token has no claim exp: it must say in unix seconds when it expires")
    if expires <= now:
        raise TokenError("the token has expired: load the configuration again")
    user = _user(claims.get("sub"))
    channels = _channels(claims.get("chan", ""), max_channels)
    if not (user or channels):
        raise TokenError("the token names neither a user (sub) nor channels (chan)")
    return TokenClaims(user, channels, expires, issued_by)


def _verified(text: str, key: str) -> dict[str, Any]:
    try:
        payload = _jws.decode(text, key, algorithms=[ALGORITHM])
        claims = json.loads(payload)
    except InvalidSignatureError:
        raise TokenError("the token has a wrong signature: load the configuration again") from None
    except InvalidAlgorithmError:
        raise TokenError(f"the token is not signed with {ALGORITHM}, the only algorithm accepted") from None
    except (PyJWTError, ValueError, RecursionError):
        raise TokenError("the token is malformed: send the jwt of the configuration as it is") from None
    if not isinstance(claims, dict):
        raise TokenError("the token holds no claims")
    return claims


def _user(subject: object) -> int:
    if subject is None:
        return 0
    if (
        not isinstance(subject, str)
        or not (subject.isascii() and subject.isdigit())
        or len(subject) > _MAX_USER_DIGITS
        or int(subject) == 0
    ):
        raise TokenError("the token's claim sub is not a user id: it must be one, as a text of digits")
    return int(subject)


def _channels(value: object, limit: int) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise TokenError("the token's claim chan must be a text of channel ids joined by commas")
    ids = tuple(dict.fromkeys(value.split(","))) if value else ()
    if len(ids) > limit:
        raise TokenError(
            f"the token's claim chan names {len(ids)} channels: "
            f"at most {limit} are allowed (channels_per_request)"
        )
    if not all(map(is_channel_id, ids)):
        raise TokenError("the token's claim chan holds something that is not a channel id")
    return ids
