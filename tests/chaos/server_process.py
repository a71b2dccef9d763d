"""A push server in a process of its own, to be killed: JSON commands on stdin, an answer a line on stdout.

``python -m tests.chaos.server_process '{"server_version": 5}'`` says that it is ready, then waits. A command
is an object with ``do``, ``user`` and what the method of :class:`Commands` of that name takes; every answer
has ``through``, the newest mid that is lost to the channels of that user. In between stand lines with
``handed_out``, kind and secret, so that the test can look for them; the log goes to stderr.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING, Any

from bxpull_server import AsyncPushServer
from bxpull_server.clock import SystemClock
from bxpull_server.handed_out import watching
from bxpull_server.server import new_event_loop
from tests.chaos.scale import scaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from bxpull_server.clock import Timer
    from bxpull_server.faults.fault import FaultKind

# So many events are queued at once; then sockets get their turn.
_CHUNK = 16


class ScaledClock(SystemClock):
    """The machine's clock, whose timers ring sooner, as the pages' do."""

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call ``callback`` once, after ``delay_s`` seconds of shortened time."""
        return super().call_later(scaled(delay_s), callback)


class Commands:
    """What the process can be told to do.

    Attributes:
        user: Whose page the command at hand is about.

    Args:
        options: Of the server, as keywords.
    """

    def __init__(self, options: dict[str, Any]) -> None:
        self.user = 0
        self._options = options

    async def start(self, port: int = 0) -> dict[str, Any]:
        """Listen on ``port`` (0: a free one); whatever an earlier process had is lost."""
        self._server = AsyncPushServer(clock=ScaledClock(), port=port, **self._options)
        await self._server.start()
        return {"port": self._server.port}

    async def publish(self, first: int, count: int) -> dict[str, Any]:
        """Publish ``count`` events numbered from ``first``; answers their mids."""
        mids = []
        for number in range(first, first + count):
            mids.append(
                await self._server.add_by_user(
                    self.user, module_id="chaos", command="event", params={"number": number}
                )
            )
            if number % _CHUNK == 0:
                await asyncio.sleep(0)
        return {"mids": mids}

    async def fault(self, kind: FaultKind, **options: Any) -> None:
        """Let a fault strike from now on."""
        await self._server.faults.add(kind, **options)

    async def clear_faults(self) -> None:
        """Let none strike any more; what has struck stays."""
        await self._server.faults.clear()

    async def close(self, code: int) -> None:
        """Close the user's connections with a code."""
        await self._server.disconnect(self.user, code)

    async def restart(self, code: int, keep_history: bool) -> None:
        """Restart as a server that is updated: nothing accepted is lost, or all of it."""
        await self._server.restart(code=code, keep_history=keep_history)

    async def server_restart(self) -> None:
        """Tell the pages that the server is about to restart."""
        await self._server.server_restart()

    async def evict(self) -> None:
        """Forget the user's messages."""
        await self._server.evict_history(self.user)

    async def expire_channel(self, new_channel: bool, shared: bool) -> None:
        """Replace the user's channel, or the shared one."""
        await self._server.expire_channel(None if shared else self.user, new_channel=new_channel)

    async def expire_config(self) -> None:
        """Tell the user's pages to load the config again."""
        await self._server.expire_config(self.user)

    async def look(self) -> None:
        """Do nothing."""

    async def lost_through(self) -> str:
        """The newest mid that is lost to the user's channels."""
        return await self._server.lost_through(self.user)


class Tell:
    """Tells the test of every secret, once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __call__(self, kind: str, secret: str) -> None:
        if secret not in self._told:
            self._told.add(secret)
            _answer({"handed_out": [kind, secret]})


async def _serve(options: dict[str, Any]) -> None:
    commands = Commands(options)
    _answer({"ready": True})
    while line := await asyncio.to_thread(sys.stdin.readline):
        command = json.loads(line)
        do, commands.user = command.pop("do"), command.pop("user")
        answer = await getattr(commands, do)(**command) or {}
        _answer({**answer, "through": await commands.lost_through()})


def _answer(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    with watching(Tell()), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(json.loads(sys.argv[1])))
