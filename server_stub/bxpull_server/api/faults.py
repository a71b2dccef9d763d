"""Faults: what networks and servers do to subscribers, on purpose; ``server.faults``."""

from typing import Unpack

from bxpull_server.api.parts import WAIT_S
from bxpull_server.errors import EventError
from bxpull_server.faults.fault import Fault, FaultKind, FaultOptions
from bxpull_server.faults.injector import Injector
from bxpull_server.faults.plan import FaultInfo


class Faults:
    """Makes connections fail, so that tests see what clients do then.

    ::

        await server.faults.add("delay", user=1, seconds=2, times=None)
        await server.faults.add("drop", when="message", probability=0.2, seed=7, times=None)
        await server.faults.clear()

    Args:
        injector: Applies them.
    """

    def __init__(self, injector: Injector) -> None:
        self._injector = injector

    async def add(self, kind: FaultKind, **options: Unpack[FaultOptions]) -> int:
        """Let a fault strike from now on: a user, a connection, or everybody.

        Args:
            kind: What happens. ``drop``: the line ends without a close frame. ``half_open``: it stays, but
                nothing goes out and nothing is answered. ``delay``: a message, and all behind it, waits.
                ``duplicate``: a message comes twice. ``reorder``: the events of one message, at least two,
                are shuffled. ``truncate``: a message is cut, then the line ends. ``malformed``: garbage comes
                before a message. ``refuse``: a handshake or poll is refused. ``slow_accept``: it waits.
            options: How, whom and how often: see :class:`bxpull_server.faults.fault.Fault`.

        Returns:
            The fault's number.

        Raises:
            EventError: Names the field that is wrong, and what it may be.
        """
        for name in options:
            if name not in FaultOptions.__annotations__:
                known = ", ".join(FaultOptions.__annotations__)
                raise EventError(name[:32], f"there is no such field; known are {known}")
        return self._injector.add(Fault(kind, **options))

    async def clear(self, number: int | None = None) -> int:
        """Forget one fault, or (None) all; what it has done to connections stays.

        Returns:
            How many were forgotten.

        Raises:
            EventError: There is no fault of that number.
        """
        return self._injector.clear(number)

    async def entries(self) -> list[FaultInfo]:
        """All faults with how often each has struck, oldest first; also spent ones, until cleared."""
        return self._injector.entries

    async def wait_struck(self, number: int, times: int = 1, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once the fault of that number has struck ``times`` times.

        Raises:
            EventError: There is no fault of that number.
            WaitTimeoutError: Not within ``timeout`` seconds; tells how often it has.
        """
        await self._injector.wait_struck(number, times, timeout)
