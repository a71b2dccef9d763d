"""Where a back end's event goes, as its query says: they send to the same few channels again and again."""

from dataclasses import field

from bxpull_server.errors import QueryError
from bxpull_server.protocol.channels import Signer, parse_channel_list
from bxpull_server.protocol.publications import PublishLimits
from bxpull_server.value import value
from bxpull_server.web.newest import Newest
from bxpull_server.web.queries import read_params

# Longer queries are not worth their memory.
_LONGEST = 512
_MOST = 8192


@value
class PublishTarget:
    """What a query says.

    Attributes:
        binary: The body is a protobuf batch, which names the channels of each event itself.
        channels: Ids whose signatures are right, in order; of a binary request none.
    """

    binary: bool
    channels: tuple[str, ...] = field(default=(), repr=False)


class PublishTargets:
    """Reads queries; what was read lately is remembered.

    Args:
        signer: Knows right signatures.
        limits: How many channels a query may name.
    """

    def __init__(self, signer: Signer, limits: PublishLimits) -> None:
        self._signer = signer
        self._limits = limits
        self._known = Newest[str, PublishTarget](_MOST)

    def of(self, query: str) -> PublishTarget:
        """What a raw query string says; one of a binary request is signed, and so does not come again.

        Raises:
            QueryError: ``binaryMode`` is neither true nor false.
            ChannelError, PublishRefusedError, SignatureError: See :meth:`channels_of`.
        """
        target = self._known.get(query)
        if target is None:
            target = self._read(query)
            if len(query) <= _LONGEST and not target.binary:
                self._known[query] = target
        return target

    def channels_of(self, query: str) -> tuple[str, ...]:
        """The ids in ``CHANNEL_ID``; signatures must be right where there are any.

        Raises:
            ChannelError: None, or one that is malformed.
            PublishRefusedError: Too many.
            SignatureError: A wrong one.
        """
        named = read_params(query).get("CHANNEL_ID", "")
        self._limits.check_receiver_count(named.count("/") + 1)
        refs = parse_channel_list(named, self._limits.channels)
        for ref in refs:
            self._signer.check(ref, listening=False)
        return tuple(ref.id for ref in refs)

    def _read(self, query: str) -> PublishTarget:
        binary = read_params(query).get("binaryMode", "false")
        if binary not in ("true", "false"):
            raise QueryError("binaryMode must be true or false")
        return PublishTarget(True) if binary == "true" else PublishTarget(False, self.channels_of(query))
