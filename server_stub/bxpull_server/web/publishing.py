"""From what a publisher asks for to the hub."""

from bxpull_server.hub import Published
from bxpull_server.protocol.messages import Sender
from bxpull_server.protocol.publications import Publication
from bxpull_server.web.services import Services


async def publish_one(services: Services, publication: Publication) -> Published:
    """Publish one event.

    Browsers reach users under their public ids, back ends under their private ones; who listens to one of the
    two listens to both.

    Raises:
        StoppingError: The server is stopping.
        EventError: What is added to its params cannot be sent.
    """
    services.hub.check_open()
    # Users' own first: who listens to several gets the event with their own additions.
    channels: list[str] = []
    user_params = {}
    for user in publication.users:
        private, public = services.portal.channel_ids(user)
        channel = public if publication.sender is Sender.CLIENT else private
        channels.append(channel)
        if publication.user_params and user in publication.user_params:
            user_params[channel] = publication.user_params[user]
    for channel in publication.channels:
        channels.append(channel)
        # Pages keep the public ids of others until their end; a channel may have been replaced before.
        successor = services.portal.successor(channel)
        if successor is not None:
            channels.append(successor)
    return await services.hub.publish(
        tuple(dict.fromkeys(channels)) if len(channels) > 1 else channels,
        publication.body,
        expiry=publication.expiry,
        sender=publication.sender,
        dictionary=publication.dictionary,
        user_params=user_params,
    )
