"""Where pages and workers come to be told the time: one WebSocket each, and a request before it."""

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from bxpull_server.harness.clock.errors import ClockError
from bxpull_server.harness.clock.report import Counts, Report, read_report

_HOST = "127.0.0.1"
_KINDS = ("page", "worker")
ANSWER_S = 20.0
"""How long a page or worker may take to come, and to answer, in seconds."""
_LOOK_AGAIN_S = 0.05


class Participant:
    """A page or worker.

    Attributes:
        number: Of all that came; it is told the same one.
        name: ``page 1`` and so on, in the order in which they came.
        is_page: Whether it is a page.
        gone: Whether it was closed, loaded anew, or is dead.
        due: When its next timer is due, in milliseconds of its time; None: none is, as far as it has said.
        counts: What it reported last.
    """

    def __init__(self, number: int, kind: str, place: int) -> None:
        self.number = number
        self.name = f"{kind} {place}"
        self.is_page = kind == "page"
        self.gone = False
        self.due: int | None = None
        self.counts = Counts()
        self._here = threading.Event()
        self._socket: ServerConnection | None = None
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()

    def serve(self, socket: ServerConnection) -> None:
        """Takes its reports until it goes."""
        self._socket = socket
        self._here.set()
        with contextlib.suppress(ConnectionClosed):
            for text in socket:
                self._reports.put(read_report(str(text)))
        self.gone = True
        self._reports.put(None)

    def tell(self, moment: int, *, run: bool, patience_ms: int, meanwhile: Callable[[], None]) -> None:
        """Tells it the time.

        Args:
            moment: Milliseconds of its time.
            run: Whether to call what is due.
            patience_ms: How long it may wait for news before it reports, in milliseconds.
            meanwhile: Called now and then during a wait.

        Raises:
            ClockError: It began to load, and never came.
        """
        end = time.monotonic() + ANSWER_S
        while not self._here.wait(_LOOK_AGAIN_S):
            meanwhile()
            if time.monotonic() > end:
                raise ClockError(
                    f"{self.name} asked for the time, and never came: was it closed while it loaded, or does "
                    f"a Content-Security-Policy forbid ws://{_HOST}? (A context with bypass_csp does not.)"
                )
        assert self._socket is not None  # noqa: S101 - it is here
        with contextlib.suppress(ConnectionClosed):  # then it is about to be gone
            self._socket.send(json.dumps({"moment": moment, "run": run, "patience": patience_ms}))

    def answer(self, meanwhile: Callable[[], None]) -> Report | None:
        """What it reports after :meth:`tell`; None: it is gone.

        Raises:
            ClockError: It says nothing.
        """
        end = time.monotonic() + ANSWER_S
        while not self.gone or not self._reports.empty():
            try:
                report = self._reports.get(timeout=_LOOK_AGAIN_S)
            except queue.Empty:
                meanwhile()
                if time.monotonic() > end:
                    raise ClockError(
                        f"{self.name} has not answered for {ANSWER_S:g} s: is its script busy, or halted by "
                        "a debugger or a dialog?"
                    ) from None
                continue
            if report is None:
                break
            self.due, self.counts = report.due, report.counts
            return report
        self.due, self.counts = None, Counts()
        return None


class Hub:
    """Lets pages and workers come and go.

    Args:
        now: Says the time, in milliseconds of theirs.
        seed: Their random numbers begin with it, those of each with another one.
        ports: The ports of the server; the first is the one that it names itself.
    """

    def __init__(self, now: Callable[[], int], seed: int, ports: Callable[[], Sequence[int]]) -> None:
        self._now = now
        self._seed = seed
        self._ports = ports
        self._lock = threading.Lock()
        self._participants: dict[int, Participant] = {}
        self._came = dict.fromkeys(_KINDS, 0)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        if self._server is None:
            raise ClockError("the clock is not running: use `with`")
        return f"{_HOST}:{self._server.socket.getsockname()[1]}"

    @property
    def participants(self) -> list[Participant]:
        """Who is there, or about to come, in the order in which they began."""
        with self._lock:
            return list(self._participants.values())

    def start(self) -> None:
        """Lets them come."""
        self._server = serve(self._serve, _HOST, 0, process_request=self._join, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, name="pull clock")
        self._thread.start()

    def stop(self) -> None:
        """Sends all away."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server = self._thread = None

    def forget_gone(self) -> None:
        """Those who are gone are nobody's business any more."""
        with self._lock:
            for number, participant in tuple(self._participants.items()):
                if participant.gone:
                    del self._participants[number]

    def _join(self, connection: ServerConnection, request: Request) -> Response | None:
        kind = urlsplit(request.path).path.strip("/")
        if kind not in _KINDS:
            return None  # a WebSocket
        with self._lock:
            number = sum(self._came.values()) + 1
            self._came[kind] += 1
            self._participants[number] = Participant(number, kind, self._came[kind])
            answer = {
                "id": number,
                "now": self._now(),
                "seed": self._seed + number,
                "ports": self._ports(),
            }
        response = connection.respond(HTTPStatus.OK, json.dumps(answer))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _find(self, request: Request) -> Participant | None:
        number = urlsplit(request.path).path.strip("/")
        with self._lock:
            return self._participants.get(int(number)) if number.isdigit() else None

    def _serve(self, socket: ServerConnection) -> None:
        participant = self._find(socket.request) if socket.request is not None else None
        # Nobody's only has to open.
        if participant is not None:
            participant.serve(socket)
