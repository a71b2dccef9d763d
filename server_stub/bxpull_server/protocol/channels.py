"""Channel ids and their signatures, as they appear in ``CHANNEL_ID``."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

from bxpull_server.errors import ChannelError, SignatureError
from bxpull_server.handed_out import hand_out
from bxpull_server.protocol.fingerprint import fingerprint

MAX_CHANNELS = 100
_PUBLIC = "public:"
_ID = re.compile(r"[0-9a-f]{32}")
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """One segment of ``CHANNEL_ID``: ``id``, ``id.signature``, ``id:public`` or ``id:public.signature``.

    Attributes:
        id: 32 lower-case hex digits.
        public_id: The public id signed along with it (server version 4 and later), 32 hex digits, or None.
        signature: Hex digits, or None if the segment has none.
    """

    id: str = field(repr=False)
    public_id: str | None = field(default=None, repr=False)
    signature: str | None = field(default=None, repr=False)

    @property
    def signed_value(self) -> str:
        """What the signature is made over."""
        return self.id if self.public_id is None else f"{self.id}:{self.public_id}"


def is_channel_id(text: str) -> bool:
    """Whether ``text`` is 32 lower-case hex digits."""
    return _ID.fullmatch(text) is not None


class Signer:
    """Signs and verifies channel ids with the key that portal and push server share.

    Args:
        key: The shared ``signature_key``; empty: nothing is signed.
        algorithm: A name :mod:`hashlib` knows, ``sha1`` by default as in Bitrix.
    """

    def __init__(self, key: str, algorithm: str = "sha1") -> None:
        self._key = key.encode()
        self._algorithm = algorithm

    @property
    def enabled(self) -> bool:
        """Whether there is a key."""
        return bool(self._key)

    def signature(self, value: str | bytes) -> str:
        """Lower-case hex HMAC of ``value``."""
        raw = value.encode() if isinstance(value, str) else value
        return hmac.digest(self._key, raw, self._algorithm).hex()

    def sign(self, value: str) -> str:
        """``value.signature``, or just ``value`` without a key."""
        return self._signed(value, value)

    def sign_public(self, public_id: str) -> str:
        """A public id as others get it: signed as ``public:<id>``, so that it is no right to listen."""
        return self._signed(public_id, _PUBLIC + public_id)

    def _signed(self, shown: str, value: str) -> str:
        return f"{shown}.{hand_out('signature', self.signature(value))}" if self.enabled else shown

    def signs(self, value: str | bytes, signature: str) -> bool:
        """Whether ``signature`` (anything) is the one of ``value``."""
        return hmac.compare_digest(self.signature(value).encode(), signature.encode("utf-8", "replace"))

    def signs_public(self, public_id: str, signature: str) -> bool:
        """Whether ``signature`` is the one of this public id."""
        return self.signs(_PUBLIC + public_id, signature)

    def check(self, ref: ChannelRef, *, listening: bool) -> None:
        """Verify the signature of ``ref``.

        Args:
            ref: What the peer sent.
            listening: It is to listen there: that of a public id is refused, and so is a missing one. False:
                it is to publish there, and is trusted.

        Raises:
            SignatureError: Missing (see above), wrong, or made for a server that signs nothing.
        """
        problem = self._problem(ref, listening=listening)
        if problem:
            raise SignatureError(problem.format(name=fingerprint(ref.id)))

    def _problem(self, ref: ChannelRef, *, listening: bool) -> str:
        if ref.signature is None:
            if listening and self.enabled:
                return "channel {name} has no signature: send it as id.signature, as in the config"
            return ""
        if not self.enabled:
            return "channel {name} is signed, but this server has no signature key: send the bare id"
        if self.signs(ref.signed_value, ref.signature):
            return ""
        if ref.public_id is None and self.signs_public(ref.id, ref.signature):
            if not listening:
                return ""
            return "{name} is a public id, for publishing: listen to the private one"
        return "channel {name} has a wrong signature: ask for a new config (pull.config.get)"

    def check_body(self, body: bytes, signature: str | None, *, required: bool) -> None:
        """Verify the signature of a back end's request, made over its body.

        Args:
            body: The body.
            signature: What came with it, or None.
            required: Whether a missing one is refused, too.

        Raises:
            SignatureError: Missing (if required), wrong, or made for a server that signs nothing.
        """
        if not signature:
            if required and self.enabled:
                raise SignatureError("the signature is missing: send the HMAC of the body in the query")
        elif not self.enabled:
            raise SignatureError("the request is signed, but this server has no signature key")
        elif not self.signs(body, signature):
            raise SignatureError(
                f"the signature is wrong: send the {self._algorithm} HMAC of the body, made with the key"
            )


def known_algorithm(name: str) -> bool:
    """Whether HMAC can be made with this hash."""
    if name not in hashlib.algorithms_available:
        return False
    try:
        hmac.new(b"key", b"value", name).hexdigest()
    except (ValueError, TypeError):  # shake_* needs a length, some are disabled by the system's policy
        return False
    return True


def parse_channel_list(text: str, limit: int = MAX_CHANNELS) -> tuple[ChannelRef, ...]:
    """Parse the value of ``CHANNEL_ID``: segments joined by ``/``.

    Raises:
        ChannelError: Empty, too many, an empty or malformed segment, or the same channel twice.
    """
    if not text:
        raise ChannelError("CHANNEL_ID is missing or empty: name at least one channel")
    segments = text.split("/")
    if len(segments) > limit:
        raise ChannelError(
            f"CHANNEL_ID names {len(segments)} channels: at most {limit} are allowed (channels_per_request)"
        )
    refs: dict[str, ChannelRef] = {}
    for number, segment in enumerate(segments, 1):
        ref = _parse_segment(segment, number)
        if ref.id in refs:
            raise ChannelError(f"CHANNEL_ID names channel {fingerprint(ref.id)} twice")
        refs[ref.id] = ref
    return tuple(refs.values())


def _parse_segment(segment: str, number: int) -> ChannelRef:
    if not segment:
        raise ChannelError(f"segment {number} of CHANNEL_ID is empty: join the ids by a single /")
    value, dot, signature = segment.partition(".")
    channel, colon, public_id = value.partition(":")
    if not is_channel_id(channel) or (colon and not is_channel_id(public_id)):
        raise ChannelError(
            f"segment {number} of CHANNEL_ID is not a channel id: 32 lower-case hex digits are"
        )
    if dot and not _HEX.fullmatch(signature):
        raise ChannelError(
            f"segment {number} of CHANNEL_ID has a malformed signature: lower-case hex digits are right"
        )
    return ChannelRef(channel, public_id if colon else None, signature if dot else None)
