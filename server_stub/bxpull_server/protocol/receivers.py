"""Whom a publisher may name: browsers signed public ids only, back ends every channel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bxpull_server.errors import ChannelError, PublishRefusedError
from bxpull_server.protocol.channels import ChannelRef, Signer, parse_channel_list
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.fingerprint import fingerprint
from bxpull_server.protocol.protobuf.schema import Channel

ID_BYTES = 16
PUBLIC = "public"


class Receivers(Protocol):
    """Decides which channel a receiver is."""

    def channel_of(self, receiver: Channel) -> str:
        """The channel id.

        Raises:
            PublishRefusedError: 4019 (no id), 4020 (a private channel), 4021 (signature).
        """

    def channel_of_text(self, text: object) -> str:
        """The channel id of ``id``, ``id.signature`` or ``id:public.signature``, as JSON-RPC names channels.

        Raises:
            PublishRefusedError: See :meth:`channel_of`.
        """


@dataclass(frozen=True, slots=True)
class PublicReceivers:
    """What browsers may publish to.

    Attributes:
        signer: Verifies signatures.
        kind_of: What kind of channel an id is, None if unknown: tells private ones where nothing is signed.
    """

    signer: Signer
    kind_of: Callable[[str], str | None]

    def channel_of(self, receiver: Channel) -> str:
        """See :meth:`Receivers.channel_of`."""
        channel = _channel_id(receiver)
        name = fingerprint(channel)
        signature = receiver.signature.hex()
        foreign = self.kind_of(channel) not in (None, PUBLIC)
        if receiver.is_private or foreign or (signature and self.signer.signs(channel, signature)):
            raise _no_public_id(name)
        _check_signature(name, signature, self.signer, required=True)
        if signature and not self.signer.signs_public(channel, signature):
            raise _wrong_signature(name)
        return channel

    def channel_of_text(self, text: object) -> str:
        """See :meth:`Receivers.channel_of_text`."""
        ref = _ref(text)
        if ref.public_id is not None:  # a private id as in a config
            raise _no_public_id(fingerprint(ref.id))
        return self.channel_of(_receiver(ref))


@dataclass(frozen=True, slots=True)
class TrustedReceivers:
    """What back ends may publish to: everything; a signature need not be there, but must be right.

    Attributes:
        signer: Verifies signatures.
    """

    signer: Signer

    def channel_of(self, receiver: Channel) -> str:
        """See :meth:`Receivers.channel_of`."""
        channel = _channel_id(receiver)
        signature = receiver.signature.hex()
        _check_signature(fingerprint(channel), signature, self.signer, required=False)
        if signature and not (
            self.signer.signs(channel, signature) or self.signer.signs_public(channel, signature)
        ):
            raise _wrong_signature(fingerprint(channel))
        return channel

    def channel_of_text(self, text: object) -> str:
        """See :meth:`Receivers.channel_of_text`."""
        ref = _ref(text)
        if ref.public_id is None:
            return self.channel_of(_receiver(ref))
        # A private id as in a config: the signature covers both.
        _check_signature(fingerprint(ref.id), ref.signature or "", self.signer, required=False)
        if ref.signature and not self.signer.signs(ref.signed_value, ref.signature):
            raise _wrong_signature(fingerprint(ref.id))
        return ref.id


def _ref(text: object) -> ChannelRef:
    try:
        (ref,) = parse_channel_list(text if isinstance(text, str) else "", limit=1)
    except ChannelError:
        raise _no_id() from None
    return ref


def _receiver(ref: ChannelRef) -> Channel:
    signature = ref.signature or ""
    if len(signature) % 2:
        raise _wrong_signature(fingerprint(ref.id))
    return Channel(bytes.fromhex(ref.id), signature=bytes.fromhex(signature))


def _channel_id(receiver: Channel) -> str:
    if len(receiver.id) != ID_BYTES:
        raise _no_id()
    return receiver.id.hex()


def _no_id() -> PublishRefusedError:
    return PublishRefusedError(
        CloseCode.INVALID_CHANNEL_ID, f"a receiver is no channel id: {ID_BYTES} bytes, 32 hex digits, are"
    )


def _no_public_id(name: str) -> PublishRefusedError:
    return PublishRefusedError(
        CloseCode.PRIVATE_CHANNEL_NOT_ALLOWED, f"{name} is no public id: browsers publish to public ids only"
    )


def _check_signature(name: str, signature: str, signer: Signer, *, required: bool) -> None:
    if signature and not signer.enabled:
        raise PublishRefusedError(
            CloseCode.INVALID_CHANNEL_SIGNATURE,
            f"receiver {name} is signed, but this server has no signature key: send the bare id",
        )
    if required and signer.enabled and not signature:
        raise PublishRefusedError(
            CloseCode.INVALID_CHANNEL_SIGNATURE,
            f"receiver {name} has no signature: send it as in publicChannels",
        )


def _wrong_signature(name: str) -> PublishRefusedError:
    return PublishRefusedError(
        CloseCode.INVALID_CHANNEL_SIGNATURE,
        f"receiver {name} has a wrong signature: ask for it again (pull.channel.public.list)",
    )
