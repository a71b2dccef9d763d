"""The HTTP protocol of this server's connections: short ways for back ends, uvicorn's own for the rest."""

from collections.abc import Callable
from typing import Any

from bxpull_server.eager import run_at_once
from bxpull_server.web.answers import Answers
from bxpull_server.web.backend_request import Handler
from bxpull_server.web.express import HANDLERS, ExpressCycle, handler_of, reply_bytes
from bxpull_server.web.known_heads import Lines
from bxpull_server.web.limited_protocol import LimitedProtocol
from bxpull_server.web.replies import Reply
from bxpull_server.web.services import Services


class RequestProtocol(LimitedProtocol):
    """Answers back ends' plain requests itself, and those whose head is known without reading it again.

    Args:
        services: Those of now; they can change while a server runs.
        answers: Those of this turn, of all connections.
    """

    def __init__(
        self, *arguments: Any, services: Callable[[], Services], answers: Answers, **keywords: Any
    ) -> None:
        super().__init__(*arguments, limits=services().options, **keywords)
        self._services = services
        self._answers = answers
        self._owed: list[bytes] = []
        self._express: ExpressCycle | None = None
        self._read: Lines | None = None

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is known; read others, and what they may teach."""
        begins = self._is_between_requests()
        if begins and self._answer_known(data):
            return
        begun = self._begun
        super().data_received(data)
        read, self._read = self._read, None
        if begins and read is not None and self._begun == begun + 1:  # else they may be another request's
            self._services().known_heads.learn(data, read)

    def on_message_begin(self) -> None:
        """Begin to read a request: since the one before the server may have got other limits (a reset)."""
        self._be_limited(self._services().options)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin with the request, by whichever way it goes."""
        if self._goes_express():
            self.on_body_expected()
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is all there."""
        super().on_message_complete()
        # A handshake makes no cycle: uvicorn's is still that of the request before.
        cycle, self._express = self._express, None
        if cycle is not None:
            self._run(cycle)

    def eof_received(self) -> None:
        """The peer sends nothing more, and may read on."""
        self.pay()
        super().eof_received()

    def handle_websocket_upgrade(self) -> None:
        """Hand the line over; what came before has its answer first."""
        self.pay()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the peer."""
        self._owed.clear()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End in order."""
        self.pay()
        super().shutdown()

    def pay(self) -> None:
        """Write the answers that wait for the end of the turn: now, before anything else is written."""
        if self._owed:
            owed = b"".join(self._owed)
            self._owed.clear()
            if not self.transport.is_closing():
                self.transport.write(owed)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.pay()  # a task may begin at once (asyncio.eager_task_factory)
        super()._start_asgi_task(cycle, app)

    def _leave_idle(self) -> None:
        self.pay()
        super()._leave_idle()

    def _refuse(self, status: str, sentence: str, *, is_logged: bool = False) -> None:
        self.pay()
        super()._refuse(status, sentence, is_logged=is_logged)

    def _goes_express(self) -> bool:
        """Begin with the request, if it goes the short way."""
        before: Any = self.cycle  # None before the first request, other than uvicorn says
        parser = self.parser
        if self.flow.write_paused:
            return False  # the usual way waits until the peer reads
        if (before is not None and not before.response_complete) or parser.get_http_version() != "1.1":
            return False
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(self.headers)}
        services = self._services()
        handler = handler_of(services, parser.get_method(), self.url, headers)
        if handler is None:
            return False
        query = self.url.partition(b"?")[2].decode("latin-1")
        self._read = Lines(headers, int(headers["content-length"]), parser.should_keep_alive())
        self._express = self._cycle_of(services, handler, query, self._read, bytearray())
        return True

    def _answer_known(self, data: bytes) -> bool:
        """Answer the request that came, if nothing about it has to be read."""
        services = self._services()
        known = services.known_heads.find(data)
        if known is None:
            return False
        line = known.line
        handler = HANDLERS.get(line.path)
        if handler is None or len(line.path) + 1 + len(line.query) > services.options.url_limit:
            return False
        self._keep_alive()
        self._run(self._cycle_of(services, handler, line.query, known.lines, known.body))
        return True

    def _cycle_of(
        self, services: Services, handler: Handler, query: str, lines: Lines, body: bytes | bytearray
    ) -> ExpressCycle:
        cycle = ExpressCycle(
            handler,
            services,
            query,
            lines.headers,
            body,
            keep_alive=lines.keep_alive,
            respond=self._respond,
        )
        known_to_uvicorn: Any = cycle
        self.cycle = self._answering = known_to_uvicorn
        return cycle

    def _run(self, cycle: ExpressCycle) -> None:
        task = run_at_once(cycle.run(), self.loop)
        if task is not None:
            self._unset_keepalive_if_required()
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _respond(self, cycle: ExpressCycle, reply: Reply) -> None:
        transport = self.transport
        if transport.is_closing():
            return
        ((_, date),) = self.server_state.default_headers
        if not self._owed:
            self._answers.add(self)
        self._owed.append(reply_bytes(reply, date, keep_alive=cycle.keep_alive))
        if not cycle.keep_alive:
            self.pay()
            transport.close()
        if self.timeout_keep_alive_task is None or transport.is_closing():
            self.on_response_complete()  # waits for the next request; otherwise that has not stopped
