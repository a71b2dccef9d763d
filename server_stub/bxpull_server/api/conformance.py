"""Results of the conformance page."""

from bxpull_server.api.parts import AsyncParts
from bxpull_server.conformance.results import ConformanceResult
from bxpull_server.errors import EventError

RUN_WAIT_S = 120.0


class Conformance(AsyncParts):
    """Methods that tell what runs of ``/conformance/`` found; see the option ``conformance``."""

    async def conformance_results(self) -> list[ConformanceResult]:
        """The newest 100 results that browsers posted, oldest first."""
        return self._services.conformance.results.all()

    async def wait_conformance_result(
        self,
        count: int = 1,
        timeout: float = RUN_WAIT_S,  # noqa: ASYNC109
    ) -> ConformanceResult:
        """Return a result, as soon as it was posted.

        Args:
            count: Which one, of those posted since the server was made; 1: the first.
            timeout: Seconds to wait at most.

        Raises:
            EventError: There can be no such number.
            WaitTimeoutError: Not in time; tells how many there were.
        """
        if count < 1:
            raise EventError("count", "must be at least 1")
        self._check_running()
        results = self._services.conformance.results
        await results.changed.until(
            lambda: results.total >= count,
            timeout,
            lambda: f"{results.total} of {count} results of the conformance page were posted",
        )
        return results.number(count)
