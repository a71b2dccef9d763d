"""``GET /control/events``: what is published, as it is published, one JSON object a line."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bxpull_server.errors import EventError, StoppingError, WaitTimeoutError
from bxpull_server.event_feed import FeedReader, PublishedEvent
from bxpull_server.protocol.events import dump_json
from bxpull_server.published import STATUS, UNKNOWN, described
from bxpull_server.users import check_user
from bxpull_server.web.replies import NO_STORE
from bxpull_server.web.services import Services, services_of

MEDIA_TYPE = "application/x-ndjson"
# An empty line as often as this shows both ends that the other is there.
HEARTBEAT_S = 15.0
_FIELDS = ("user", "module", "command")
_USER = re.compile(r"-?[0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which events are wanted.

    Attributes:
        users: Users and guests they reach, what is for everybody included; empty: whoever.
        modules: In lower case; empty: any.
        commands: Empty: any.
    """

    users: frozenset[int]
    modules: frozenset[str]
    commands: frozenset[str]

    def takes(self, line: dict[str, Any]) -> bool:
        """Whether this is one."""
        return (
            (not self.modules or str(line["module"]).lower() in self.modules)
            and (not self.commands or line["command"] in self.commands)
            and (not self.users or any(map(self._reaches, line["targets"])))
        )

    def _reaches(self, target: dict[str, Any]) -> bool:
        if target["channel"] in (STATUS, UNKNOWN):
            return False
        return "user" not in target or target["user"] in self.users


class _EventStream(StreamingResponse):
    """Lines until the client goes or the server stops.

    Args:
        services: The server's parts.
        wanted: Which events.
    """

    def __init__(self, services: Services, wanted: _Filter) -> None:
        super().__init__(iter(()), headers=NO_STORE, media_type=MEDIA_TYPE)
        self._services = services
        self._wanted = wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them. Whoever has the answer's head misses nothing from then on."""
        with self._services.hub.feed.reader() as reader:
            self.body_iterator = self._lines(reader)
            await super().__call__(scope, receive, send)

    async def _lines(self, reader: FeedReader) -> AsyncIterator[str]:
        while True:
            try:
                await reader.ready(HEARTBEAT_S)
            except WaitTimeoutError:
                yield "\n"
                continue
            left_out = reader.take_left_out()
            if left_out:
                yield _notice(f"{left_out} events were left out: they came faster than they were read")
            event = reader.take()
            if event is None:
                return  # closed
            line = self._line(event)
            if line:
                yield line

    def _line(self, event: PublishedEvent) -> str:
        """The event as JSON; empty if it is not wanted."""
        try:
            line = described(event, self._services.portal)
            return f"{dump_json(line)}\n" if self._wanted.takes(line) else ""
        except RecursionError:
            return _notice(f"event {event.messages[0].mid} is nested too deeply to be shown")


def event_stream(request: Request) -> StreamingResponse:
    """The answer to a request that may look on.

    Raises:
        EventError: A field of the query is unknown or wrong.
        StoppingError: The server is stopping.
    """
    services = services_of(request)
    wanted = _filter(request)
    if services.stopping:
        raise StoppingError("the server is stopping: try again when it is back")
    return _EventStream(services, wanted)


def _filter(request: Request) -> _Filter:
    query = request.query_params
    for name in query:
        if name not in _FIELDS:
            raise EventError(name[:32], f"there is no such filter; known are {', '.join(_FIELDS)}")
    users = query.getlist("user")
    return _Filter(
        users=frozenset(check_user(int(user) if _USER.fullmatch(user) else user[:32]) for user in users),
        modules=frozenset(module.lower() for module in query.getlist("module")),
        commands=frozenset(query.getlist("command")),
    )


def _notice(sentence: str) -> str:
    return f"{dump_json({'notice': sentence})}\n"
