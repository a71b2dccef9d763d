"""Sending what was captured again, from any thread."""

from collections.abc import Iterable

from bxpull_server.api.thread_publishing import ThreadPublishing
from bxpull_server.capture.lines import Capture, CaptureSource
from bxpull_server.capture.timing import AT_ONCE


class ThreadReplaying(ThreadPublishing):
    """See :class:`bxpull_server.api.replaying.Replaying`."""

    def replay(
        self, capture: CaptureSource, *, users: Iterable[int] | None = None, speed: float = AT_ONCE
    ) -> Capture:
        """Send the events of a capture again. See :meth:`AsyncPushServer.replay`."""
        return self._call(self._server.replay(capture, users=users, speed=speed))
