"""Doing what a protobuf ``RequestBatch`` asks for, and the ``ResponseBatch`` about it."""

from collections.abc import Iterable

from bxpull_server.protocol.events import dump_json
from bxpull_server.protocol.mids import mid_to_bytes
from bxpull_server.protocol.protobuf.coding import encode
from bxpull_server.protocol.protobuf.schema import (
    ChannelStats,
    ChannelStatsResponse,
    JsonResponse,
    OutgoingMessage,
    OutgoingMessagesResponse,
    Response,
    ResponseBatch,
    Sender,
)
from bxpull_server.protocol.publications import Publication
from bxpull_server.protocol.publish_batch import Command, Publish, TellChannels
from bxpull_server.web.publishing import publish_one
from bxpull_server.web.replies import Reply
from bxpull_server.web.services import Services
from bxpull_server.web.statistics import server_numbers

CONTENT_TYPE = "application/octet-stream"


async def run_batch(services: Services, commands: Iterable[Command]) -> ResponseBatch:
    """Run the commands of a batch; one response a command, in that order.

    The response to a publish names the messages it made, without their bodies.
    """
    return ResponseBatch(tuple([await _run(services, command) for command in commands]))


def batch_answer(batch: ResponseBatch) -> Reply:
    """The HTTP answer."""
    return Reply(200, encode(batch), CONTENT_TYPE)


async def _run(services: Services, command: Command) -> Response:
    match command:
        case Publish(publications):
            made = [await _publish(services, publication) for publication in publications]
            return Response(outgoing_messages=OutgoingMessagesResponse(tuple(made)))
        case TellChannels(channels):
            hub = services.hub
            stats = (
                ChannelStats(bytes.fromhex(channel), is_private, hub.subscribers(channel) > 0)
                for channel, is_private in channels
            )
            return Response(channel_stats=ChannelStatsResponse(tuple(stats)))
        case _:
            return Response(server_stats=JsonResponse(dump_json(server_numbers(services))))


async def _publish(services: Services, publication: Publication) -> OutgoingMessage:
    done = await publish_one(services, publication)
    assert done.mid is not None  # noqa: S101 - a publication has a receiver
    return OutgoingMessage(
        id=mid_to_bytes(done.mid), expiry=publication.expiry, sender=Sender(publication.sender)
    )
