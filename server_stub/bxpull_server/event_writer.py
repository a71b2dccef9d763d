"""Events as the portal writes them: checked, with ``extra``, as JSON text."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from bxpull_server.clock import Clock, unix_time
from bxpull_server.errors import EventError
from bxpull_server.protocol.dates import iso8601
from bxpull_server.protocol.events import Params, make_event
from bxpull_server.revisions import Revisions

SYSTEM_MODULE = "pull"


class EventFields(TypedDict):
    """An event to publish.

    Attributes:
        module_id: Module name, any case; published in lower case.
        command: Letters, digits and ``_ : | . -``.
        params: A mapping; or an empty list, which stays ``[]`` as PHP sends an empty array. None: ``[]``.
        extra: Added to (and replacing) what the portal puts there; a value of None takes a key out.
        expiry: Seconds the event is kept for those who connect later (86,400 by default).
    """

    module_id: str
    command: str
    params: NotRequired[Params | None]
    extra: NotRequired[Mapping[str, Any] | None]
    expiry: NotRequired[int]


class EventWriter:
    """Writes events.

    Attributes:
        server_name: ``extra.server_name``.

    Args:
        clock: Time for ``extra``.
        server_name: See above.
        limit: Bytes an event may have.
        revisions: What ``extra`` announces.
    """

    def __init__(self, clock: Clock, server_name: str, limit: int, revisions: Revisions) -> None:
        self.server_name = server_name
        self._clock = clock
        self._limit = limit
        self._revisions = revisions

    def write(self, event: EventFields) -> str:
        """The event as JSON text.

        Raises:
            EventError: Names the part that is wrong; ``event``: it is too large.
        """
        extra = self._extra(event.get("extra"))
        body = make_event(event["module_id"], event["command"], event.get("params"), extra)
        size = len(body.encode())
        if size > self._limit:
            raise EventError(
                "event", f"it has {size} bytes: at most {self._limit} can be published (event_limit)"
            )
        return body

    def write_system(self, command: str, params: Params) -> str:
        """A command to the client itself (module ``pull``), which no handler sees."""
        return make_event(SYSTEM_MODULE, command, params, self._extra(None))

    def _extra(self, extra: Mapping[str, Any] | None) -> dict[str, Any]:
        if extra is not None and not isinstance(extra, Mapping):
            raise EventError("extra", "must be a mapping")
        now = unix_time(self._clock)
        merged: dict[str, Any] = {
            "server_time": iso8601(now),
            "server_time_unix": now,
            "server_name": self.server_name,
            "revision_web": self._revisions.web,
            "revision_mobile": self._revisions.mobile,
            **(extra or {}),
        }
        return {key: value for key, value in merged.items() if value is not None}
