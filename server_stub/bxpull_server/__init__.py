"""A push server to develop and test against: what a Bitrix portal and its push server do, in one process.

::

    from bxpull_server import PushServer

    with PushServer(user=1) as server:
        print(server.url)
        server.add_by_user(1, module_id="main", command="check", params={"a": 1})

Importing the package loads nothing else; the names below are loaded at first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bxpull_server.lazy import lazily

if TYPE_CHECKING:
    from bxpull_server.api.observation import ConnectionInfo
    from bxpull_server.api.thread_faults import ThreadFaults
    from bxpull_server.async_server import AsyncPushServer
    from bxpull_server.clock import Clock, ManualClock, SystemClock
    from bxpull_server.conformance.results import ConformanceCell, ConformanceResult
    from bxpull_server.errors import PushServerError
    from bxpull_server.options import ServerOptions
    from bxpull_server.server import PushServer

__version__ = "0.1.0"

__all__ = [
    "AsyncPushServer",
    "Clock",
    "ConformanceCell",
    "ConformanceResult",
    "ConnectionInfo",
    "ManualClock",
    "PushServer",
    "PushServerError",
    "ServerOptions",
    "SystemClock",
    "ThreadFaults",
    "__version__",
]

_HOMES = {
    "AsyncPushServer": "async_server",
    "Clock": "clock",
    "ConformanceCell": "conformance.results",
    "ConformanceResult": "conformance.results",
    "ConnectionInfo": "api.observation",
    "ManualClock": "clock",
    "PushServer": "server",
    "PushServerError": "errors",
    "ServerOptions": "options",
    "SystemClock": "clock",
    "ThreadFaults": "api.thread_faults",
}

__getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
