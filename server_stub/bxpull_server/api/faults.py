"""Faults: what networks and servers do to subscribers, on purpose; ``server.faults``."""

from collections.abc import Generator
from types import TracebackType
from typing import Any, Self, Unpack

from bxpull_server.api.administration import Administration
from bxpull_server.api.named_faults import NamedFaults, Wish
from bxpull_server.api.parts import WAIT_S
from bxpull_server.errors import EventError
from bxpull_server.faults.fault import Fault, FaultKind, FaultOptions
from bxpull_server.faults.injector import Injector
from bxpull_server.faults.plan import FaultInfo
from bxpull_server.protocol.close_codes import CloseCode
from bxpull_server.web.services import Restart


class Faults(NamedFaults["NamedFault"]):
    """Makes connections fail, so that tests see what clients do then.

    ::

        await server.faults.drop(user=1)
        async with server.faults.delay(500):
            ...
        await server.faults.add("drop", when="message", probability=0.2, seed=7, times=None)
        await server.faults.clear()

    Args:
        injector: Applies them.
        administration: What ends channels and configs.
        restart: Restarts the server.
    """

    def __init__(self, injector: Injector, administration: Administration, restart: Restart) -> None:
        self._injector = injector
        self._administration = administration
        self._restart = restart

    def _wish(self, wish: Wish) -> "NamedFault":
        return NamedFault(self, wish)

    async def restart(self, *, keep_history: bool = True, code: int = CloseCode.GOING_AWAY) -> None:
        """The server restarts; see :meth:`AsyncPushServer.restart`. In reality: an update."""
        await self._restart(keep_history=keep_history, code=code)

    async def expire_channel(
        self, user: int | None = None, *, new_channel: bool = True, application: str = ""
    ) -> None:
        """A channel is replaced; see :meth:`AsyncPushServer.expire_channel`. In reality: every 12 hours."""
        await self._administration.expire_channel(user, new_channel=new_channel, application=application)

    async def expire_config(self, user: int | None = None) -> None:
        """Pages are told to load the config again. In reality: the portal's settings were changed."""
        await self._administration.expire_config(user)

    async def evict_history(self, user: int | None = None) -> int:
        """Stored messages go; see :meth:`AsyncPushServer.evict_history`. In reality: who was away long."""
        return await self._administration.evict_history(user)

    async def revision(self, revision: int) -> None:
        """The portal has another revision of the API (19 at first). In reality: an update of the portal."""
        await self._administration.announce_revision(revision)

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


class NamedFault:
    """A fault that was asked for by name: ``await`` it to let it strike, or use it with ``async with``.

    Attributes:
        number: Names it once it strikes; 0 before.

    Args:
        faults: Where it belongs.
        wish: What was asked for.
    """

    def __init__(self, faults: Faults, wish: Wish) -> None:
        self.number = 0
        self._faults = faults
        self._wish = wish

    def __await__(self) -> Generator[Any, None, Self]:
        return self.strike().__await__()

    async def __aenter__(self) -> Self:
        self.number = await self._faults.add(self._wish.kind, **self._wish.lasting)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.end()

    async def go_on(self) -> None:
        """Having struck, let it strike until its end, if there is anything left for it."""
        # The one connection that is meant was struck; its number does not come again.
        if not self._wish.at_once or self._wish.options.get("connection") is None:
            await self.__aenter__()

    async def strike(self) -> Self:
        """Let it strike, as ``await`` does."""
        wish = self._wish
        self.number = await self._faults.add(wish.kind, **wish.once)
        if wish.at_once and wish.times is None:
            await self.end()
        return self

    async def end(self) -> None:
        """Let it strike no more; harmless if it does not any more."""
        if any(entry.number == self.number for entry in await self._faults.entries()):
            await self._faults.clear(self.number)

    async def wait_struck(self, times: int = 1, timeout: float = WAIT_S) -> None:  # noqa: ASYNC109
        """Return once it has struck ``times`` times. See :meth:`Faults.wait_struck`."""
        await self._faults.wait_struck(self.number, times, timeout)
