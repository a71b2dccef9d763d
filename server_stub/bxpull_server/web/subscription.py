"""What a subscriber asks for, over whatever transport, and whether it may have it."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from bxpull_server.connection import CloseOrder, Connection, Transport
from bxpull_server.errors import ClientIdError, StaleChannelError, TooManyConnectionsError, VersionError
from bxpull_server.profiles import Profile
from bxpull_server.protocol.channels import ChannelRef
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.codecs import AnyCodec, choose_codec
from bxpull_server.protocol.messages import Message
from bxpull_server.protocol.subscribe import SubscribeRequest, parse_subscribe
from bxpull_server.web.cors import check_origin
from bxpull_server.web.hosts import check_host
from bxpull_server.web.services import Services

NO_PUBLIC_ID = "this subscriber has no public id, so it may not publish"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that is understood and whose signatures are right.

    Attributes:
        user: Whose it is; negative for guests, 0 if nobody's.
        profile: What the server is to that user.
        refs: The channels, by ``CHANNEL_ID`` or as the token says.
        named: Whether it names its channels; else a token says who it is.
        stale: Why it may not begin: a channel nothing is sent to any more; None: it may.
        codec: The wire format.
        mid: Resume after this message, or None to begin with the next one.
        verdict: Whether it is to be told first if the history covers ``mid``.
        history: The history that ``mid`` is of, by its beginning; "": not known.
        heard: Position of the verdict after which it goes on polling; "": it begins.
    """

    user: int
    profile: Profile
    refs: tuple[ChannelRef, ...]
    named: bool
    stale: StaleChannelError | None
    codec: AnyCodec
    mid: str | None
    verdict: bool
    history: str
    heard: str

    @property
    def channels(self) -> tuple[str, ...]:
        """What it listens to: the channels, and the public ids under which others publish to them."""
        ids = (channel_id for ref in self.refs for channel_id in (ref.id, ref.public_id))
        return tuple(dict.fromkeys(channel_id for channel_id in ids if channel_id is not None))

    @property
    def has_public_id(self) -> bool:
        """Whether others may publish to it, and it to others."""
        return any(ref.public_id is not None for ref in self.refs)


def read_subscription(services: Services, request: HTTPConnection) -> Subscription:
    """Understand and verify a subscription.

    Raises:
        RefusedError: The host, the origin, the query, a signature, the token, the version or the ``clientId``
            is wrong.
    """
    check_host(request)
    check_origin(request)
    wanted = parse_subscribe(request.url.query, services.options.channels_per_request)
    refs = _verified_refs(services, wanted)
    stale = None if wanted.token is not None else _staleness(services, refs)
    user = services.portal.user_of(refs)
    profile = services.portal.profile(user)
    _check_version(wanted, profile)
    if profile.shared:
        _check_client_id(services, wanted.client_id)
    codec = choose_codec(wanted, profile.version)
    return Subscription(
        user,
        profile,
        refs,
        wanted.token is None,
        stale,
        codec,
        wanted.mid,
        wanted.verdict,
        wanted.history,
        wanted.heard,
    )


async def connect(
    services: Services,
    subscription: Subscription,
    transport: Transport,
    mid: str | None,
    also: Sequence[Message] = (),
) -> Connection:
    """Add the subscriber to the hub, to begin with what comes after ``mid`` (None: with the next message).

    Where there is a ``mid``, it gets ``also`` these messages, each at its place.

    Raises:
        StaleChannelError: A channel was replaced, or belongs to an earlier run of this server.
        TooManyConnectionsError: The user has as many connections as one may have.
    """
    if subscription.stale is not None:
        raise subscription.stale
    limit = services.options.connections_per_user
    if subscription.user and len(services.hub.of_user(subscription.user)) >= limit:
        raise TooManyConnectionsError(
            f"user {subscription.user} has {limit} connections: connections_per_user allows no more"
        )
    connection = await services.hub.connect(
        subscription.channels,
        subscription.codec,
        subscription.user,
        mid,
        services.portal.earlier_channels(subscription.refs),
        transport,
        verdict=subscription.verdict,
        origin=subscription.history,
        also=also,
    )
    if services.stopping:
        # Overtaken: the others were told when it was not among them yet.
        connection.close(CloseOrder(CloseCode.GOING_AWAY))
    return connection


def _verified_refs(services: Services, wanted: SubscribeRequest) -> tuple[ChannelRef, ...]:
    if wanted.token is not None:
        return services.portal.refs_of_token(wanted.token)
    _check_signatures(services, wanted.channels)
    return wanted.channels


def _staleness(services: Services, refs: Iterable[ChannelRef]) -> StaleChannelError | None:
    try:
        services.portal.check_current(refs)
    except StaleChannelError as error:
        return error
    return None


def _check_signatures(services: Services, refs: Iterable[ChannelRef]) -> None:
    for ref in refs:
        services.portal.signer.check(ref, listening=True)


def _check_version(wanted: SubscribeRequest, profile: Profile) -> None:
    """Refuse what a config of a higher version says: its page could not read what it would get."""
    version = profile.version
    if wanted.token is not None and not profile.has_tokens:
        raise VersionError(f"this user's server has version {version}, which takes no token: send CHANNEL_ID")
    if not profile.has_public_ids and any(ref.public_id is not None for ref in wanted.channels):
        raise VersionError(
            f"this user's server has version {version}, which has no public ids: load the configuration again"
        )


def _check_client_id(services: Services, given: str | None) -> None:
    if given is None:
        raise ClientIdError("clientId is missing: in shared mode send the one of the config")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), services.portal.client_id.encode()):
        raise ClientIdError("clientId is not this portal's: ask for a new config (pull.config.get)")
