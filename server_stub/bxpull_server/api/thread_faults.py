"""Faults, from any thread; ``server.faults``."""

from typing import Unpack

from bxpull_server.api.parts import WAIT_S, ThreadParts
from bxpull_server.faults.fault import FaultKind, FaultOptions
from bxpull_server.faults.plan import FaultInfo


class ThreadFaults:
    """See :class:`bxpull_server.api.faults.Faults`.

    Args:
        server: Whose faults.
    """

    def __init__(self, server: ThreadParts) -> None:
        self._faults = server._server.faults  # noqa: SLF001 - its own half
        self._call = server._call  # noqa: SLF001

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
