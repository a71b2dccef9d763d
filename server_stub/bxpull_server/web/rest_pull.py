"""REST methods of the module ``pull`` for the portal's own pages."""

from typing import Any

from bxpull_server.web.rest_call import Access, Call, Method


async def _config_get(call: Call) -> dict[str, Any]:
    return await call.services.portal.config(call.caller.user, call.authority)


async def _channel_public_list(call: Call) -> dict[int, dict[str, Any]]:
    return await call.services.portal.public_channels(call.fields.users("users"))


async def _channel_public_get(call: Call) -> dict[int, dict[str, Any]]:
    return await call.services.portal.public_channels(call.fields.users("user_id"))


async def _watch_extend(call: Call) -> dict[str, bool]:
    return call.services.portal.watches.extend(call.caller.user, call.fields.texts("tags"))


async def _get_last_seen(call: Call) -> dict[int, int]:
    return call.services.hub.presence.last_seen(call.fields.users("userids"))


PULL_METHODS: dict[str, Method] = {
    "pull.config.get": Method(Access.PAGE, _config_get),
    "pull.channel.public.list": Method(Access.USER, _channel_public_list),
    "pull.channel.public.get": Method(Access.USER, _channel_public_get),
    "pull.watch.extend": Method(Access.VISITOR, _watch_extend),
    "pull.api.user.getlastseen": Method(Access.USER, _get_last_seen),
}
