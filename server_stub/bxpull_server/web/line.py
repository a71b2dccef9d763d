"""The line under a subscriber's socket or poll, as far as faults get at it."""

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bxpull_server.connection import LineFault
from bxpull_server.light import Gate
from bxpull_server.web.websocket_protocol import SubscriberProtocol, transport_of


class Line:
    """What faults cut, or let go silent.

    Attributes:
        silent: Nothing may go out any more, and nothing that came in is answered.

    Args:
        request: The handshake, or the poll.
    """

    __slots__ = ("_transport", "silent")

    def __init__(self, request: HTTPConnection) -> None:
        self._transport = transport_of(request)
        self.silent = Gate()

    def strike(self, fault: LineFault) -> None:
        """Cut the line, or let it go silent."""
        self.silent.set()
        if fault is LineFault.DROP:
            self._transport.abort()
            return
        protocol = self._transport.get_protocol()
        if isinstance(protocol, SubscriberProtocol):
            protocol.go_deaf()

    def close(self) -> None:
        """Cut the line once what was written is out."""
        self._transport.close()


class CutAnswer(Response):
    """The first half of an answer, whose head promises all of it; then the line drops.

    Args:
        answer: The whole one.
        line: What drops.
    """

    def __init__(self, answer: Response, line: Line) -> None:
        super().__init__(status_code=answer.status_code)
        self.raw_headers = answer.raw_headers
        self._half = bytes(answer.body)[: len(answer.body) // 2]
        self._line = line

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._half, "more_body": True})
        self._line.close()
        while (await receive())["type"] != "http.disconnect":
            pass
