"""Results of the conformance page, from any thread."""

from bxpull_server.api.conformance import RUN_WAIT_S
from bxpull_server.api.thread_parts import ThreadParts
from bxpull_server.conformance.results import ConformanceResult


class ThreadConformance(ThreadParts):
    """See :class:`bxpull_server.api.conformance.Conformance`."""

    def conformance_results(self) -> list[ConformanceResult]:
        """The newest 100 results that browsers posted, oldest first."""
        return self._call(self._server.conformance_results())

    def wait_conformance_result(self, count: int = 1, timeout: float = RUN_WAIT_S) -> ConformanceResult:
        """Wait for results. See :meth:`AsyncPushServer.wait_conformance_result`."""
        return self._call(self._server.wait_conformance_result(count, timeout))
