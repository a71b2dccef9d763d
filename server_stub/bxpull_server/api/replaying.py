"""Sending what was captured again."""

import asyncio
from collections.abc import Iterable

from bxpull_server.api.publishing import Publishing
from bxpull_server.capture.lines import Capture, CapturedEvent, CaptureSource, read_capture
from bxpull_server.capture.receivers import Receivers, own_receivers, these_receivers
from bxpull_server.capture.timing import AT_ONCE, check_speed, with_due_times
from bxpull_server.clock import Clock
from bxpull_server.errors import CaptureError, EventError
from bxpull_server.users import check_user


class Replaying(Publishing):
    """Methods that send captures."""

    async def replay(
        self, capture: CaptureSource, *, users: Iterable[int] | None = None, speed: float = AT_ONCE
    ) -> Capture:
        """Send the events of a capture again, in the order of its lines.

        What only others can say (presence, what pages published, commands to the client) is left out.

        Args:
            capture: The name of a file with JSON Lines; or lines, as text or objects, :meth:`published` for
                example; see :mod:`bxpull_server.capture.lines`.
            users: Users and (negative) guests who get every event; None: those whom the lines name.
            speed: 0: at once; 1: as far apart as they were, on the server's clock; 2: twice as fast.

        Returns:
            What was replayed, ``events``, and what was left out.

        Raises:
            CaptureError: It cannot be read, has no event that can be sent, or a line names nobody to whom it
                can be: nothing was sent. Or the server refused an event.
            EventError: These are no users.
            ValueError: There is no such speed.
        """
        self._check_running()
        check_speed(speed)
        found = read_capture(capture)
        found.check_any()
        them = None if users is None else [check_user(user, "users") for user in users]
        receivers = [_receivers(event, them) for event in found.events]
        clock = self._services.clock
        began = clock.monotonic()
        for (event, due_s), whom in zip(with_due_times(found.events, speed), receivers, strict=True):
            await _wait(clock, began + due_s - clock.monotonic())
            await self._send_again(event, whom)
        return found

    async def _send_again(self, event: CapturedEvent, whom: Receivers) -> None:
        fields = {
            "module_id": event.module,
            "command": event.command,
            "params": event.params,
            "extra": event.extra,
        }
        try:
            if whom.users:
                await self.add_by_users(whom.users, user_params=whom.user_params or None, **fields)
            else:
                await self.add_shared(**fields)
        except EventError as error:
            raise CaptureError(event.place, str(error)) from None


def _receivers(event: CapturedEvent, users: list[int] | None) -> Receivers:
    receivers = own_receivers(event) if users is None else these_receivers(event, users)
    if receivers is None:
        raise CaptureError(
            event.place, "the line names no target that can be sent to: say whom all are for, as users=[1]"
        )
    return receivers


async def _wait(clock: Clock, seconds: float) -> None:
    if seconds <= 0:
        return
    is_due = asyncio.Event()
    timer = clock.call_later(seconds, is_due.set)
    try:
        await is_due.wait()
    finally:
        timer.cancel()
