"""Functions and sockets that say when they are used."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bxpull_server.connection import Connection


class Written(list[bytes]):
    """What a connection's socket is given from now on by the fan-out, each a write."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        line: Any = connection._line

        def write(data: bytes) -> None:
            self.append(data)
            line.write(data)

        noted: Any = SimpleNamespace(
            write=write, get_write_buffer_size=line.get_write_buffer_size, is_closing=line.is_closing
        )
        connection.attach(noted)


def noting(steps: list[str], step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which adds ``step`` to ``steps`` with every call."""

    def noted(*arguments: Any) -> Any:
        steps.append(step)
        return function(*arguments)

    return noted
