"""The HTTP protocol, with an end to requests that a peer makes too long, too large or too slow."""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import Any

from bxpull_server.limits import Limits
from bxpull_server.warning_log import WarningLog
from bxpull_server.web.answering_protocol import AnsweringProtocol
from bxpull_server.web.peers import Peers
from bxpull_server.web.raw_reply import raw_reply
from bxpull_server.web.upgrades import DecliningParser, origin_form, wanted_protocol, without_upgrade
from bxpull_server.web.websocket_protocol import TRANSPORT_EXTENSION

# As long a refused peer may go on sending what it has begun: a line cut at once would take the answer along.
_LINGER_S = 1.0
_HEADER_LINE_EXTRA = len(": \r\n")
_log = logging.getLogger(__name__)


class _Stage(Enum):
    """What the peer has to send next."""

    REQUEST = auto()
    HEAD = auto()
    BODY = auto()


class _TooMuchError(Exception):
    """Ends the parser."""


class LimitedProtocol(AnsweringProtocol):
    """Refuses heads that are too large, and peers that are too slow or too many; makes the transport known.

    Args:
        limits: Of this connection, to begin with.
        peers: Who else is connected.
        warnings: Warns of what the peer did.
    """

    def __init__(
        self,
        *arguments: Any,
        limits: Limits,
        peers: Peers,
        warnings: WarningLog,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, limits=limits, **keywords)
        self.logger: Any = warnings.paced(self.logger)
        parser: Any = DecliningParser(self, self._plain_head)
        self.parser = parser
        self._warn = warnings.warn
        self._peers = peers
        self._address = ""
        self._too_many = ""
        self._stage = _Stage.REQUEST
        self._head_bytes = 0
        self._header_bytes = 0
        self._begun = 0
        self._wanted: bytes | None = None
        self._dry_bytes = 0
        self._refusal: tuple[str, str] | None = None
        self._refused = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the peer, and wait for its first request."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self._too_many = self._peers.arrived(self._address, self._limits)
        self._expect(self._limits.idle_timeout_s, self._leave_idle)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the peer."""
        super().connection_lost(exc)
        self._expect_nothing()
        self._peers.left(self._address)

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent, if it is not too much, and say until when the rest has to be there."""
        if self._refused:
            return
        if self._too_many:
            self._refuse("429 Too Many Requests", self._too_many)
            return
        before, begun = self._stage, self._begun
        self._dry_bytes += len(data)
        super().data_received(data)
        if self._is_done_with():
            return
        if self._begun == begun and self._stage is _Stage.REQUEST and before is _Stage.REQUEST:
            self._stage = _Stage.HEAD  # nothing but line breaks: a request that does not come on either
        if self._stage is _Stage.HEAD:
            if self._begun == begun + (before is _Stage.REQUEST):  # else some of it is other requests'
                self._head_bytes += len(data)
            if self._head_bytes > self._limits.url_limit + self._limits.header_limit:
                self._refuse("431 Request Header Fields Too Large", self._header_sentence())
                return
        if self._stage is _Stage.BODY and self._dry_bytes > self._limits.header_limit + len(data):
            self._refuse("431 Request Header Fields Too Large", self._header_sentence())  # behind the body
            return
        if self._stage is not before or self._deadline is None:
            self._expect_stage()

    def handle_websocket_upgrade(self) -> None:
        """Hand the line over; what it may be slow with from now on, the other protocol looks after."""
        if self._disconnect_cycles():
            self._refuse(
                "400 Bad Request", "a handshake has to wait for the answers to what was asked before"
            )
            return
        self._expect_nothing()
        self._cut_off.cancel()
        self.url = origin_form(self.url)
        super().handle_websocket_upgrade()
        protocol: Any = self.transport.get_protocol()
        protocol.on_lost = partial(self._peers.left, self._address)
        self._let_go()

    def on_message_begin(self) -> None:
        """Put the transport where :func:`transport_of` finds it."""
        super().on_message_begin()
        self._unset_keepalive_if_required()  # the request before may have been answered in this very turn
        self._stage = _Stage.HEAD
        self._begun += 1
        self._wanted = None
        self._head_bytes = self._header_bytes = 0
        self._expect_nothing()  # this request has a time of its own
        scope: Any = self.scope
        scope["extensions"] = {TRANSPORT_EXTENSION: {"transport": self.transport}}

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL."""
        super().on_url(url)
        limit = self._limits.url_limit
        if len(self.url) > limit:
            self._too_much("414 URI Too Long", f"a URL may have {limit} bytes (url_limit)")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line; white space behind the value is none of it, other than the parser thinks."""
        super().on_header(name, value.rstrip(b" \t"))
        self._header_bytes += len(name) + len(value) + _HEADER_LINE_EXTRA
        if len(self.headers) > self._limits.header_count or self._header_bytes > self._limits.header_limit:
            self._too_much("431 Request Header Fields Too Large", self._header_sentence())

    def on_headers_complete(self) -> None:
        """Begin with the request, unless its head is read once more."""
        self._wanted = wanted_protocol(self.headers)
        if self._plain_head() is None:
            self.on_body_expected()
            super().on_headers_complete()

    def on_body_expected(self) -> None:
        """The head is all there."""
        self._stage = _Stage.BODY
        self._dry_bytes = 0

    def on_body(self, body: bytes) -> None:
        """Take a part of the body, which has a limit of its own; what is around chunks has the head's."""
        self._dry_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is all there, unless its head is read once more."""
        if self._plain_head() is None:
            self._stage = _Stage.REQUEST
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with a request that cannot be read."""
        if self._refusal is None:
            self._refuse("400 Bad Request", msg, is_logged=True)
        else:
            self._refuse(*self._refusal)

    def _get_upgrade(self) -> bytes | None:
        return self._wanted  # asked for half a dozen times a handshake

    def _plain_head(self) -> bytes | None:
        """What to read in the place of a head that asks for a protocol nobody speaks; None: it does not."""
        parser = self.parser
        if not parser.should_upgrade() or self._should_upgrade():
            return None
        return without_upgrade(parser.get_method(), self.url, parser.get_http_version(), self.headers)

    def _is_between_requests(self) -> bool:
        """Whether all that came was answered, and the next request is welcome."""
        cycle: Any = self.cycle  # None before the first request, other than uvicorn says
        if self._stage is not _Stage.REQUEST or (cycle is not None and not cycle.response_complete):
            return False
        return not (self._refused or self._too_many or self.flow.write_paused or self.transport.is_closing())

    def _keep_alive(self) -> None:
        """Wait as long again for the next request: a timer for each costs more than one that looks again."""
        self._expect_nothing()
        self._kept_alive_at = self.loop.time()

    def _is_done_with(self) -> bool:
        return self._refused or self.transport.get_protocol() is not self

    def _header_sentence(self) -> str:
        limits = self._limits
        return (
            f"a request may have {limits.header_count} header lines (header_count) "
            f"of {limits.header_limit} bytes (header_limit): delete cookies of this host"
        )

    def _too_much(self, status: str, sentence: str) -> None:
        self._refusal = (status, sentence)
        raise _TooMuchError

    def _expect_stage(self) -> None:
        limits = self._limits
        if self._stage is _Stage.HEAD:
            self._expect(limits.head_timeout_s, lambda: self._too_slow("head", "head_timeout_s"))
        elif self._stage is _Stage.BODY:
            self._expect(limits.body_timeout_s, lambda: self._too_slow("body", "body_timeout_s"))
        else:
            self._expect_nothing()  # from the answer's end on uvicorn waits

    def _expect(self, seconds: float, otherwise: Callable[[], None]) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, otherwise)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self, part: str, option: str) -> None:
        seconds = getattr(self._limits, option)
        self._refuse(
            "408 Request Timeout", f"the request's {part} did not come in {seconds:g} seconds ({option})"
        )

    def _refuse(self, status: str, sentence: str, *, is_logged: bool = False) -> None:
        """Answer in the application's place, and take nothing any more; uvicorn may have logged it."""
        self._refused = True
        self._expect_nothing()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if not is_logged:
            self._warn(_log, "request refused: %s", sentence)
        if any(cycle.response_started for cycle in self._disconnect_cycles()):
            self.transport.abort()
            return
        self.flow.resume_reading()
        self.transport.write(raw_reply(status, sentence))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.abort)
