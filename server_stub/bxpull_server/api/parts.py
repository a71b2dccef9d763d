"""What every theme's methods are made of."""

from abc import ABC, abstractmethod

from bxpull_server.parked_polls import KEEP_S
from bxpull_server.web.services import Services

WAIT_S = 5.0
# One that polled stays for a while after its last poll.
LEAVE_S = KEEP_S + WAIT_S
NOT_RUNNING = "the server is not running: call start() or use `with`"


class AsyncParts(ABC):
    """The parts of a server on an event loop."""

    _services: Services

    @abstractmethod
    def _check_running(self) -> None:
        """Refuse calls that need a running server.

        Raises:
            NotRunningError: It is not running.
        """
