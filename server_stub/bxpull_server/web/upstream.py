"""What a subscriber sends over its socket: protobuf batches from version 4 on, JSON-RPC from version 5 on."""

import logging

from bxpull_server.connection import Connection
from bxpull_server.errors import PublishRefusedError, RateError, RefusedError
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.protocol.codecs import JSON_RPC
from bxpull_server.protocol.publish_batch import Publish, read_browser_batch
from bxpull_server.protocol.receipts import acknowledged_mid, is_receipt
from bxpull_server.status_feed import StatusFeed
from bxpull_server.web.browser_methods import BrowserMethods
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.refusals import refusal_order
from bxpull_server.web.rpc import answer_text
from bxpull_server.web.services import Services
from bxpull_server.web.subscription import NO_PUBLIC_ID, Subscription

_log = logging.getLogger(__name__)


class Upstream:
    """Takes what one subscriber sends.

    What its version has no meaning for is not answered: versions 1 to 3 know no way upstream at all.

    Args:
        services: The server's parts.
        connection: The subscriber.
        subscription: What it asked for.
        statuses: Tells it of users' comings and goings.
    """

    __slots__ = ("_connection", "_methods", "_pace", "_services", "_subscription")

    def __init__(
        self, services: Services, connection: Connection, subscription: Subscription, statuses: StatusFeed
    ) -> None:
        self._services = services
        self._connection = connection
        self._subscription = subscription
        self._pace = services.paces.new()
        self._methods = BrowserMethods(services, connection, subscription, statuses)

    async def text(self, text: str) -> None:
        """Take a text message; too much of what is no request closes the connection."""
        if self._connection.codec is not JSON_RPC or self._connection.closing:
            return
        if is_receipt(text):
            self.receipts([text])
            return
        try:
            answer = await answer_text(text, self._methods.table, self._services.publish_limits, self._pace)
        except RateError as error:
            self._end("connection %d sends what is no JSON-RPC or too much of it: %s", error)
            return
        if answer.text is not None:
            self._connection.push_raw(answer.text)

    def receipts(self, texts: list[str]) -> None:
        """Take receipts (:mod:`bxpull_server.protocol.receipts`): the last mid counts."""
        mid = next((mid for text in reversed(texts) if (mid := acknowledged_mid(text))), None)
        if mid is not None and not self._connection.closing:
            self._connection.acknowledged = mid

    async def binary(self, data: bytes) -> None:
        """Take a binary message; one that is refused closes the connection."""
        if not self._subscription.profile.has_public_ids or self._connection.closing:
            return
        try:
            publishes = self._publishes(data)
        except (PublishRefusedError, RateError) as error:
            self._end("connection %d may not publish this: %s", error)
            return
        for publish in publishes:
            for publication in publish.publications:
                await publish_one(self._services, publication)

    def _end(self, sentence: str, error: RefusedError) -> None:
        self._services.warn(_log, sentence, self._connection.number, error)
        self._connection.close(refusal_order(error))

    def _publishes(self, data: bytes) -> tuple[Publish, ...]:
        if not self._subscription.has_public_id:
            raise PublishRefusedError(CloseCode.NO_PUBLIC_CHANNEL, NO_PUBLIC_ID)
        services = self._services
        publishes = read_browser_batch(data, services.public_receivers, services.publish_limits)
        self._pace.take(sum(len(publish.publications) for publish in publishes))
        return publishes
