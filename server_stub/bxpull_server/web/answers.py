"""Answers that go out together, at the end of the turn of the loop that brought the requests.

A write drives out of the CPU's caches what the next request needs: many requests that are dealt with first,
and answered then, cost less than as many of which each is answered before the next.
"""

import asyncio
from typing import Protocol


class Owing(Protocol):
    """A connection whose peer is owed an answer."""

    def pay(self) -> None:
        """Write it now, if it was not written before."""


class Answers:
    """Those of one turn, in the order in which they were ready."""

    def __init__(self) -> None:
        self._owing: list[Owing] = []

    def add(self, connection: Owing) -> None:
        """Let it pay when the turn ends.

        What the turn published leaves before that, unless an answer was ready before the first event, or
        events wait for others (:mod:`bxpull_server.fan_out`): nobody can rely on either.
        """
        if not self._owing:
            asyncio.get_running_loop().call_soon(self._pay)
        self._owing.append(connection)

    def _pay(self) -> None:
        owing, self._owing = self._owing, []
        for connection in owing:
            connection.pay()
