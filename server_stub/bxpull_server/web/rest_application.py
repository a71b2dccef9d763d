"""REST methods of the module ``pull`` for applications: their pages have channels of their own."""

from typing import Any

from bxpull_server.web.rest_call import Access, Call, Method, RestError

_MODULE = "application"


async def _config_get(call: Call) -> dict[str, Any]:
    application = call.application
    return await call.services.portal.config(
        application.user, call.authority, application=application.client_id
    )


async def _event_add(call: Call) -> bool:
    application, fields = call.application, call.fields
    users = fields.users("user_id")
    if not users and "user_id" in fields.form:
        raise RestError(400, "USER_ID_ERROR", "USER_ID names nobody: leave it out to send to everybody")
    if not application.admin and any(user != application.user for user in users):
        raise RestError(
            403, "USER_ID_ACCESS_ERROR", "only an administrator's application may send to other users"
        )
    await call.services.portal.send_to_application(
        application.client_id,
        users,
        module_id=fields.text("module_id") or _MODULE,
        command=fields.text("command"),
        params=fields.params("params"),
    )
    return True


APPLICATION_METHODS: dict[str, Method] = {
    "pull.application.config.get": Method(Access.APPLICATION, _config_get),
    "pull.application.event.add": Method(Access.APPLICATION, _event_add),
}
