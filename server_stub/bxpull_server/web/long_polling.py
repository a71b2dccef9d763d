"""``/bitrix/sub/``: subscribing by long polling, for networks that block WebSockets."""

import asyncio
import logging
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bxpull_server.connection import CloseOrder, Connection
from bxpull_server.errors import RefusedError
from bxpull_server.faults.injector import Refusal
from bxpull_server.journal import PollClosed, PollOpened
from bxpull_server.parked_polls import ParkedPolls
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.codecs import JSON_RPC, Frame
from bxpull_server.web.cors import cors_headers, preflight
from bxpull_server.web.handshake_faults import meet_faults
from bxpull_server.web.line import CutAnswer, Line
from bxpull_server.web.refusals import refusal_reply
from bxpull_server.web.replies import NO_STORE, text_reply
from bxpull_server.web.services import Services, services_of
from bxpull_server.web.subscription import Subscription, connect, read_subscription

POSITION_HEADER = "Last-Message-Id"
_EXPIRES = "Thu, 01 Jan 1973 11:11:01 GMT"
_log = logging.getLogger(__name__)


class _Nothing(Enum):
    """Why a poll is over without a message."""

    TIME_IS_UP = auto()
    WENT_AWAY = auto()


class LongPollingEndpoint:
    """Answers polls: 200 with messages as soon as there are any, 304 if there are none for a while.

    Args:
        parked: Holds the connections between two polls.
    """

    def __init__(self, parked: ParkedPolls) -> None:
        self._parked = parked

    async def serve(self, request: Request) -> Response:
        """Answer one poll, or the preflight request before it."""
        if request.method == "OPTIONS":
            return preflight(request)
        if request.method == "HEAD":
            return text_reply("a poll is a GET request", 405)  # what it was told would be lost
        services = services_of(request)
        headers = cors_headers(request) | {"Access-Control-Expose-Headers": POSITION_HEADER}
        if services.stopping:
            return _closing_reply(CloseOrder(CloseCode.GOING_AWAY, "the server is stopping"), headers)
        if services.faults.active:
            refusal = await meet_faults(services, request)
            if refusal is not None:
                return _refused_on_purpose(services, request, refusal, headers)
        try:
            subscription = read_subscription(services, request)
            connection = await self._connection(services, subscription)
        except RefusedError as error:
            _note_opened(services, request, 0, 0)
            services.warn(_log, "poll refused: %s", error)
            answer = refusal_reply(error, headers)
            services.journal.add(PollClosed(0, 0, answer.status_code))
            return answer
        _note_opened(services, request, connection.number, connection.user)
        return await self._answer(services, request, connection, headers)

    async def _connection(self, services: Services, subscription: Subscription) -> Connection:
        """The connection this poll continues, or a new one."""
        if subscription.mid is None:
            # From here on it has a position, so that nothing is lost until the next poll.
            position = None if subscription.verdict else await services.hub.store.position()
            return await connect(services, subscription, "long polling", position)
        parked = self._parked.resume(
            subscription.channels, subscription.codec.name, subscription.mid, subscription.heard
        )
        if parked is None:
            return await self._newcomer(services, subscription)
        # What still came on a replaced channel says where to go on, and is delivered.
        if subscription.stale is not None and not parked.queued:
            services.hub.disconnect(parked)
            raise subscription.stale
        return parked

    async def _newcomer(self, services: Services, subscription: Subscription) -> Connection:
        """A new connection, from a mid on.

        A token says whose channel is meant, and not which: after it was replaced the poll is for the new one.
        What was said between the two polls about the old one waits with the connection of that.
        """
        former = None if subscription.named else self._former(services, subscription)
        try:
            also = [] if former is None else former.unstored()
            return await connect(services, subscription, "long polling", subscription.mid, also)
        finally:
            if former is not None:
                services.hub.disconnect(former)

    def _former(self, services: Services, subscription: Subscription) -> Connection | None:
        """The parked connection that this poll would continue if the user's channel were an earlier one."""
        for refs in services.portal.earlier_refs(subscription.refs):
            channels = replace(subscription, refs=refs).channels
            parked = self._parked.resume(
                channels, subscription.codec.name, subscription.mid or "", subscription.heard
            )
            if parked is not None:
                return parked
        return None

    async def _answer(
        self, services: Services, request: Request, connection: Connection, headers: dict[str, str]
    ) -> Response:
        status = 0
        line = Line(request)
        connection.on_strike = line.strike
        try:
            if services.faults.active:
                services.faults.at_opening(connection)
            message = await _next_message(services, request, connection, line)
            cut = False
            if services.faults.active and isinstance(message, str | bytes):
                message, cut = await _with_faults(services, connection, message)
            if line.silent.is_set():
                services.hub.disconnect(connection)
                await _gone(request)
                message = _Nothing.WENT_AWAY
            answer = _reply(connection, message, headers)
            if cut:
                answer = CutAnswer(answer, line)
                message = _Nothing.WENT_AWAY  # and comes back without it
            status = 0 if message is _Nothing.WENT_AWAY else answer.status_code
        except BaseException:
            services.hub.disconnect(connection)
            raise
        finally:
            connection.on_strike = None
            services.journal.add(PollClosed(connection.number, connection.user, status))
        if isinstance(message, CloseOrder) or message is _Nothing.WENT_AWAY:
            services.hub.disconnect(connection)
        else:
            connection.handed_over()
            self._parked.park(connection)
        return answer


async def _next_message(
    services: Services, request: Request, connection: Connection, line: Line
) -> Frame | CloseOrder | _Nothing:
    """What is to be said as soon as there is something; nothing when time is up or the client went away."""
    time_is_up = asyncio.Event()
    timer = services.clock.call_later(services.options.poll_timeout_s, time_is_up.set)
    ends: dict[asyncio.Task[Any], _Nothing] = {
        asyncio.create_task(_gone(request)): _Nothing.WENT_AWAY,
        asyncio.create_task(line.silent.wait()): _Nothing.WENT_AWAY,
        asyncio.create_task(time_is_up.wait()): _Nothing.TIME_IS_UP,
    }
    try:
        while (message := connection.take_ready()) is None:
            ready = asyncio.create_task(connection.ready())
            done, _ = await asyncio.wait({*ends, ready}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            for task, outcome in ends.items():
                if task in done:
                    return outcome
        return message
    finally:
        timer.cancel()
        for task in ends:
            task.cancel()


async def _with_faults(
    services: Services, connection: Connection, message: Frame
) -> tuple[Frame | _Nothing, bool]:
    """What faults make of a message, and whether its answer is cut off."""
    passage = await services.faults.outgoing(connection, message)
    return (passage.messages[0] if passage.messages else _Nothing.WENT_AWAY), passage.cut


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _reply(
    connection: Connection, message: Frame | CloseOrder | _Nothing, headers: dict[str, str]
) -> Response:
    if isinstance(message, CloseOrder):
        return _closing_reply(message, headers)
    position = {**NO_STORE, **headers, POSITION_HEADER: connection.position}
    if isinstance(message, _Nothing):
        return Response(status_code=304, headers={**position, "Expires": _EXPIRES})
    if isinstance(message, bytes):
        return Response(message, headers=position, media_type="application/octet-stream")
    kind = "application/json" if connection.codec is JSON_RPC else "text/plain; charset=utf-8"
    return Response(message, headers=position, media_type=kind)


def _refused_on_purpose(
    services: Services, request: Request, refusal: Refusal, headers: dict[str, str]
) -> Response:
    _note_opened(services, request, 0, 0)
    if refusal.order is not None:
        answer = _closing_reply(refusal.order, headers)
    else:
        answer = text_reply(refusal.sentence, refusal.status or 503, headers)
    services.journal.add(PollClosed(0, 0, answer.status_code))
    return answer


def _closing_reply(order: CloseOrder, headers: dict[str, str]) -> Response:
    status = 403 if order.code == CloseCode.WRONG_CHANNEL_ID else 503
    return text_reply(f"{order.code} {order.reason}".rstrip(), status, headers)


def _note_opened(services: Services, request: Request, number: int, user: int) -> None:
    origin = request.headers.get("origin")
    services.journal.add(PollOpened(number, request.url.path, request.url.query, user, origin))
