"""The server's process seen from the test: commands, kills, and what is lost by them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any, Self

from bxpull_server.ports import KeptPorts

if TYPE_CHECKING:
    from types import TracebackType

    from bxpull_server.harness.secret_guard import SecretGuard


class ProcessDiedError(AssertionError):
    """The server's process ended by itself."""


class _Process:
    def __init__(self, options: dict[str, Any], guard: SecretGuard, log: IO[bytes]) -> None:
        self._guard = guard
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.server_process", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def call(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self.read()

    def read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            answer: dict[str, Any] = json.loads(line)
            if not self._is_secret(answer):
                return answer
        raise ProcessDiedError(f"the server's process ended with {self._process.wait()}")

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        rest, _ = self._process.communicate()
        for line in rest.splitlines(keepends=True):
            if line.endswith("\n"):
                self._is_secret(json.loads(line))

    def _is_secret(self, answer: dict[str, Any]) -> bool:
        if "handed_out" not in answer:
            return False
        self._guard.note(*answer["handed_out"])
        return True


class ChaosServer:
    """A push server that can be killed and comes back on its port; the next process waits already.

    Attributes:
        port: Where it listens.

    Args:
        guard: Told of the secrets that the processes hand out.
        options: Of the server.
    """

    def __init__(self, guard: SecretGuard, **options: Any) -> None:
        self._options = options
        self._guard = guard
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end
        self._read = 0
        self._kept_ports = KeptPorts()
        self._process = self._begin()
        self._spare = self._begin()

    def __enter__(self) -> Self:
        self._process.read()
        self.port = int(self._process.call({"do": "start", "user": 1})["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._spare.kill()
        self._kept_ports.free()
        self._log.close()

    def new_log(self) -> str:
        """What the processes have logged since this was asked last."""
        # Another place than the file's own, where the processes go on writing.
        end = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), end - self._read, self._read)
        self._read = end
        return text.decode("utf-8", "replace")

    def call(self, do: str, user: int, **values: Any) -> dict[str, Any]:
        """Have a command carried out; returns its answer."""
        return self._process.call({"do": do, "user": user, **values})

    def kill(self) -> None:
        """End the process where it is, with SIGKILL. Nobody listens until :meth:`revive`."""
        self._process.kill()
        # Else the system may give it to another test's server.
        self._kept_ports.keep("127.0.0.1", [self.port])

    def revive(self, user: int) -> dict[str, Any]:
        """Start the next process on the same port; it knows nothing of what the one before had stored."""
        self._process, self._spare = self._spare, self._begin()
        self._process.read()
        answer = self._process.call({"do": "start", "user": user, "port": self.port})
        self._kept_ports.free()
        return answer

    def _begin(self) -> _Process:
        return _Process(self._options, self._guard, self._log)
