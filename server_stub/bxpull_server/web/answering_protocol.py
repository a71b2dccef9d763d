"""uvicorn's HTTP protocol, with an end to answers that nobody takes and to lines on which nothing happens."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bxpull_server.limits import Limits
from bxpull_server.web.cut_off import CutOff


class AnsweringProtocol(HttpToolsProtocol):
    """Waits for no peer for ever that is to take an answer, or to ask again; lets those go who are gone.

    Args:
        limits: Of this connection, to begin with.
    """

    def __init__(self, *arguments: Any, limits: Limits, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._be_limited(limits)
        # When the last request came that went around the parser: uvicorn knows nothing of it.
        self._kept_alive_at = 0.0
        self._answering: Any = None
        self._cut_off = CutOff(self.loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin with the peer."""
        super().connection_made(transport)
        self._cut_off.watch(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End with the peer."""
        self._disconnect_cycles()
        super().connection_lost(exc)
        self._cut_off.cancel()
        self._let_go()

    def on_response_complete(self) -> None:
        """A peer that does not take the answer to its end is cut off."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._cut_off.start(self._limits.write_timeout_s)

    def pause_writing(self) -> None:
        """The peer does not take what it was sent: not for ever."""
        super().pause_writing()
        self._cut_off.start(self._limits.write_timeout_s)

    def resume_writing(self) -> None:
        """It takes it again."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._cut_off.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for long; what is not taken of the last answer is not waited for either."""
        rest = self._kept_alive_at + self.timeout_keep_alive - self.loop.time()
        if rest > 0:
            self.timeout_keep_alive_task = self.loop.call_later(rest, self.timeout_keep_alive_handler)
        else:
            self._leave_idle()

    def _be_limited(self, limits: Limits) -> None:
        """From now on by these."""
        self._limits = limits
        keep_alive: Any = limits.idle_timeout_s  # a fraction is fine, other than uvicorn says
        self.timeout_keep_alive = keep_alive

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _disconnect_cycles(self) -> list[Any]:
        """Tell whatever is at the peer's requests that nobody reads the answer; others wait between the two.

        Returns:
            Those cycles.
        """
        # None before the first request.
        cycles = [
            one for one in (self._answering, self.cycle) if one is not None and not one.response_complete
        ]
        for cycle in cycles:
            cycle.disconnected = True
            cycle.waiting_for_100_continue = False  # it would say so even behind a refusal
            cycle.message_event.set()
        return cycles

    def _let_go(self) -> None:
        """Nothing more is parsed or answered.

        Parser, cycles and protocol hold each other: only the garbage collector would end that.
        """
        nothing: Any = None
        self.parser = self.cycle = self._answering = nothing

    def _leave_idle(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()
