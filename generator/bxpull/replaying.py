"""Sends the events of a capture again, at the times they had."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bxpull.errors import CaptureInputError, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from bxpull_server.capture.lines import CapturedEvent

__all__ = ["Sent", "at_their_times", "requests_of", "send_all"]


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass
class Sent:
    """What was sent.

    Attributes:
        sent: How many events.
        delivered: For how many connections they were queued, altogether.
        unheard: How many of them were queued for none.
    """

    sent: int = 0
    delivered: int = 0
    unheard: int = 0


def requests_of(events: Iterable[CapturedEvent], target: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What ``POST /control/send`` is to be asked for each event.

    Args:
        events: Of the capture.
        target: The one target of all, as the control API has it; None: those that the lines name.

    Raises:
        CaptureInputError: A line names nobody to whom it can be sent.
    """
    return [
        {
            **_receivers(event, target),
            "module": event.module,
            "command": event.command,
            "params": event.params,
            "extra": dict(event.extra),
        }
        for event in events
    ]


def send_all(
    events: Iterable[CapturedEvent],
    requests: list[dict[str, Any]],
    send: Callable[[dict[str, Any]], dict[str, Any]],
    done: Sent | None = None,
) -> Sent:
    """Send each request when its event comes.

    Args:
        events: As they are due; see :func:`at_their_times`.
        requests: One for each event.
        send: Asks the server; see :meth:`bxpull.control.ControlClient.send`.
        done: Where it is counted, for whoever may end it early.

    Raises:
        ServerError: The server is not there, or refuses an event: the line, and how many were sent.
    """
    done = Sent() if done is None else done
    for event, request in zip(events, requests, strict=True):
        try:
            told = send(request)
        except ServerError as error:
            so_far = f"{done.sent} of {len(requests)} events were sent"
            raise type(error)(f"{event.place}: {error} ({so_far})") from None
        delivered = told.get("delivered") or 0
        done.sent += 1
        done.delivered += delivered
        done.unheard += not delivered
    return done


def at_their_times(
    events: Iterable[CapturedEvent],
    speed: float,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], object] = _pause,
) -> Iterator[CapturedEvent]:
    """The events, each once it is due.

    Args:
        events: In the order in which they are sent.
        speed: 1: as far apart as they were; 2: half of it; 0: at once.
        monotonic: Tells the time, in seconds.
        wait: Returns after so many seconds.
    """
    from bxpull_server.capture.timing import with_due_times

    began = monotonic()
    for event, due_s in with_due_times(events, speed):
        while (left_s := began + due_s - monotonic()) > 0:
            wait(min(left_s, threading.TIMEOUT_MAX))
        yield event


def _receivers(event: CapturedEvent, target: dict[str, Any] | None) -> dict[str, Any]:
    """The fields of a request that say whom it is for."""
    from bxpull_server.capture.receivers import own_receivers, these_receivers

    if target is None:
        receivers = own_receivers(event)
        if receivers is None:
            raise CaptureInputError(
                f"{event.place}: the line names no target that can be sent to: give one for all lines with "
                "--user N, --guest -N, --shared, --tag TAG or --channel ID"
            )
    elif "user" in target or "users" in target:
        receivers = these_receivers(event, target.get("users") or [target["user"]])
    else:
        return target
    if not receivers.users:
        return {"shared": True}
    fields: dict[str, Any] = {"users": list(receivers.users)}
    if receivers.user_params:
        fields["user_params"] = {str(user): dict(own) for user, own in receivers.user_params.items()}
    return fields
