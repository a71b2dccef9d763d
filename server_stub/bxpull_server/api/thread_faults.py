"""Faults, from any thread; ``server.faults``."""

from types import TracebackType
from typing import Self, Unpack

from bxpull_server.api.faults import Faults, NamedFault
from bxpull_server.api.named_faults import NamedFaults, Wish
from bxpull_server.api.parts import WAIT_S
from bxpull_server.api.thread_parts import ThreadParts
from bxpull_server.faults.fault import FaultKind, FaultOptions
from bxpull_server.faults.plan import FaultInfo
from bxpull_server.protocol.close_codes import CloseCode


class ThreadFaults(NamedFaults["ThreadFault"]):
    """See :class:`bxpull_server.api.faults.Faults`.

    Args:
        server: Whose faults.
    """

    def __init__(self, server: ThreadParts) -> None:
        self._call = server._call  # noqa: SLF001
        self._owner = server._server  # noqa: SLF001 - its own half

    @property
    def _faults(self) -> Faults:
        return self._owner.faults

    def _wish(self, wish: Wish) -> "ThreadFault":
        return ThreadFault(self, NamedFault(self._faults, wish))

    def add(self, kind: FaultKind, **options: Unpack[FaultOptions]) -> int:
        """Let a fault strike from now on; returns its number. See :meth:`Faults.add`."""
        return self._call(self._faults.add(kind, **options))

    def clear(self, number: int | None = None) -> int:
        """Forget one fault, or (None) all; returns how many. See :meth:`Faults.clear`."""
        return self._call(self._faults.clear(number))

    def entries(self) -> list[FaultInfo]:
        """All faults with how often each has struck, oldest first."""
        return self._call(self._faults.entries())

    def wait_struck(self, number: int, times: int = 1, timeout: float = WAIT_S) -> None:
        """Return once a fault has struck so often. See :meth:`Faults.wait_struck`."""
        self._call(self._faults.wait_struck(number, times, timeout))

    def restart(self, *, keep_history: bool = True, code: int = CloseCode.GOING_AWAY) -> None:
        """The server restarts. See :meth:`Faults.restart`."""
        self._call(self._faults.restart(keep_history=keep_history, code=code))

    def expire_channel(
        self, user: int | None = None, *, new_channel: bool = True, application: str = ""
    ) -> None:
        """A channel is replaced. See :meth:`Faults.expire_channel`."""
        self._call(self._faults.expire_channel(user, new_channel=new_channel, application=application))

    def expire_config(self, user: int | None = None) -> None:
        """Pages are told to load the config again. See :meth:`Faults.expire_config`."""
        self._call(self._faults.expire_config(user))

    def evict_history(self, user: int | None = None) -> int:
        """Stored messages go; returns how many. See :meth:`Faults.evict_history`."""
        return self._call(self._faults.evict_history(user))

    def revision(self, revision: int) -> None:
        """The portal has another revision of the API. See :meth:`Faults.revision`."""
        self._call(self._faults.revision(revision))


class ThreadFault:
    """A fault that was asked for by name and strikes; used with ``with``, to the end of the block.

    Args:
        faults: Where it belongs.
        fault: Its other half.
    """

    def __init__(self, faults: ThreadFaults, fault: NamedFault) -> None:
        self._call = faults._call  # noqa: SLF001 - its own half
        self._fault = fault
        self._call(fault.strike())

    def __enter__(self) -> Self:
        self._call(self._fault.end())
        self._call(self._fault.go_on())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def number(self) -> int:
        """Names it."""
        return self._fault.number

    def end(self) -> None:
        """Let it strike no more; harmless if it does not any more."""
        self._call(self._fault.end())

    def wait_struck(self, times: int = 1, timeout: float = WAIT_S) -> None:
        """Return once it has struck ``times`` times. See :meth:`Faults.wait_struck`."""
        self._call(self._fault.wait_struck(times, timeout))
