"""The server's process seen from the test: commands, kills, and what is lost by them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType


class ProcessDiedError(AssertionError):
    """The server's process ended by itself."""


class _Process:
    def __init__(self, options: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.server_process", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ProcessDiedError(f"the server's process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class ChaosServer:
    """A push server that can be killed and comes back on its port; the next process waits already.

    Attributes:
        port: Where it listens.

    Args:
        options: Of the server.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._process = _Process(options)
        self._spare = _Process(options)

    def __enter__(self) -> Self:
        self._process.read()
        self.port = int(self._process.call({"do": "start", "user": 1})["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._spare.kill()

    def call(self, do: str, user: int, **values: Any) -> dict[str, Any]:
        """Have a command carried out; returns its answer."""
        return self._process.call({"do": do, "user": user, **values})

    def kill(self) -> None:
        """End the process where it is, with SIGKILL. Nobody listens until :meth:`revive`."""
        self._process.kill()

    def revive(self, user: int) -> dict[str, Any]:
        """Start the next process on the same port; it knows nothing of what the one before had stored."""
        self._process, self._spare = self._spare, _Process(self._options)
        self._process.read()
        return self._process.call({"do": "start", "user": user, "port": self.port})
