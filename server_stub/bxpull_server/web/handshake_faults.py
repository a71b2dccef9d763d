"""Faults that meet a newcomer, before anything is done for it."""

from starlette.requests import HTTPConnection

from bxpull_server.errors import RefusedError
from bxpull_server.faults.injector import Refusal
from bxpull_server.web.services import Services
from bxpull_server.web.subscription import read_subscription


async def meet_faults(services: Services, request: HTTPConnection) -> Refusal | None:
    """Let it wait if a fault says so; how it is refused, if one says that.

    Who would be refused in any case is nobody's: only faults for everybody meet it.
    """
    try:
        user: int | None = read_subscription(services, request).user
    except RefusedError:
        user = None
    return await services.faults.at_handshake(user)
