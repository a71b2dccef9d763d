"""What the routes work with, bundled."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection

from bxpull_server.clock import Clock
from bxpull_server.conformance.desk import Desk
from bxpull_server.connection import Connection
from bxpull_server.faults.injector import Injector
from bxpull_server.hub import Hub
from bxpull_server.inbox import Inbox
from bxpull_server.journal import Journal
from bxpull_server.options import ServerOptions
from bxpull_server.portal import Portal
from bxpull_server.protocol.publications import PublishLimits
from bxpull_server.protocol.receivers import PublicReceivers, TrustedReceivers
from bxpull_server.rounds import Rounds
from bxpull_server.warning_log import Warn
from bxpull_server.web.heartbeat import heartbeats
from bxpull_server.web.host_names import host_name
from bxpull_server.web.known_heads import KnownHeads
from bxpull_server.web.pace import Paces
from bxpull_server.web.publish_targets import PublishTargets


class Restart(Protocol):
    """Restarts the server."""

    async def __call__(self, *, keep_history: bool, code: int) -> None:
        """End every connection with this code, and listen again."""


@dataclass(slots=True)
class Services:
    """One server's parts.

    Attributes:
        pages: In-memory pages, changeable while running.
        inboxes: What is posted to these paths is theirs.
        authority: Host and port it listens on, for requests that do not name one.
        stopping: New subscribers are turned away with 1001.
        started: Monotonic time of the start.
        conformance: Files, runs and results of the conformance page.
        heartbeats: Those who get one.
        known_heads: What back ends' requests began with.
        paces: How often each connection of a page may publish.
        publish_limits: How much one request to publish may hold.
        publish_targets: Where back ends' events go.
        public_receivers: What browsers may publish to.
        trusted_receivers: What back ends may publish to.
        restart: Restarts the server, with the history kept or not and the close code to end connections with.
    """

    options: ServerOptions
    hub: Hub
    portal: Portal
    journal: Journal
    clock: Clock
    faults: Injector
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    inboxes: MutableMapping[str, Inbox] = field(default_factory=dict)
    conformance: Desk = field(default_factory=Desk)
    known_heads: KnownHeads = field(default_factory=KnownHeads)
    heartbeats: Rounds[Connection] = field(init=False)
    paces: Paces = field(init=False)
    publish_limits: PublishLimits = field(init=False)
    publish_targets: PublishTargets = field(init=False)
    public_receivers: PublicReceivers = field(init=False)
    trusted_receivers: TrustedReceivers = field(init=False)
    authority: str = ""
    stopping: bool = False
    started: float = 0.0
    restart: Restart | None = None

    def __post_init__(self) -> None:
        options = self.options
        self.begin()
        self.paces = Paces(self.clock, options)
        self.publish_limits = PublishLimits(
            options.messages_per_request, options.channels_per_request, options.event_limit
        )
        self.publish_targets = PublishTargets(self.portal.signer, self.publish_limits)
        self.public_receivers = PublicReceivers(self.portal.signer, self.portal.channel_kind)
        self.trusted_receivers = TrustedReceivers(self.portal.signer)

    def begin(self) -> None:
        """Take subscribers from now on. Those of a loop that was closed amid its work are forgotten."""
        self.stopping = False
        self.started = self.clock.monotonic()
        self.heartbeats = heartbeats(self.clock)

    @property
    def warn(self) -> Warn:
        """Warns of what a peer did, not without end: ``warn(logger, message, *arguments)``."""
        return self.hub.warn

    def authority_of(self, headers: Mapping[str, str]) -> str:
        """Host and port under which the peer of a request with these headers reached this server."""
        host = headers.get("host", "")
        return self.authority if host_name(host) is None else host


def services_of(request: HTTPConnection) -> Services:
    """The services of the server that got this request."""
    services: Services = request.app.state.services
    return services
