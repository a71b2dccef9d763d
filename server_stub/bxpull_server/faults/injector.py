"""Lets faults strike: told of handshakes, connections and messages, it says what becomes of them."""

import asyncio
from dataclasses import dataclass
from weakref import WeakSet

from bxpull_server.clock import Clock
from bxpull_server.connection import CloseOrder, Connection, LineFault
from bxpull_server.errors import EventError
from bxpull_server.faults import damage
from bxpull_server.faults.fault import Fault, Moment
from bxpull_server.faults.plan import FaultInfo, FaultPlan, Rule
from bxpull_server.hub import Hub
from bxpull_server.protocol.codecs import Frame
from bxpull_server.protocol.jsonrpc import PING
from bxpull_server.waiting import Pulse

_REASON = "refused on purpose, by a fault"
_LINE_FAULTS = {"drop": LineFault.DROP, "half_open": LineFault.HALF_OPEN}


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a handshake or poll is refused.

    Attributes:
        sentence: Why.
        status: HTTP status, or
        order: how it is closed after it was accepted.
    """

    sentence: str
    status: int | None
    order: CloseOrder | None


@dataclass(frozen=True, slots=True)
class Passage:
    """What goes out in place of a message.

    Attributes:
        messages: In this order; none: it is lost, with its connection.
        cut: The last one is cut off, and then the line drops.
    """

    messages: tuple[Frame, ...]
    cut: bool = False


class Injector:
    """Applies a server's faults.

    Args:
        hub: Knows the connections.
        clock: Says how long something takes.
    """

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._plan = FaultPlan()
        self._changed = Pulse()
        self._suspended = False
        self._waits: set[asyncio.Future[None]] = set()
        self._silent: WeakSet[Connection] = WeakSet()
        hub.expect_faults(lambda: self.active)

    @property
    def active(self) -> bool:
        """Whether anything may strike; as long as nothing may, the hooks need not be called."""
        return self._plan.active and not self._suspended

    @property
    def entries(self) -> list[FaultInfo]:
        """All faults, oldest first."""
        return self._plan.entries

    def add(self, fault: Fault) -> int:
        """Let a fault strike from now on, at once where it can; returns its number.

        Raises:
            EventError: It is for a connection that is not there.
        """
        connections = self._hub.connections
        if fault.connection is not None and all(c.number != fault.connection for c in connections):
            known = ", ".join(str(connection.number) for connection in connections[:20]) or "none"
            raise EventError("connection", f"there is no connection {fault.connection}; there are {known}")
        self._hub.flush()  # what was published before it has nothing to do with it
        rule = self._plan.add(fault)
        if fault.moment is Moment.OPEN and not self._suspended:
            for connection in connections:
                if connection.on_strike is not None and fault.covers(connection.user, connection.number):
                    self._decide_now(rule, connection)
            self._plan.retire_spent()
        return rule.number

    def clear(self, number: int | None = None) -> int:
        """Let one fault, or (None) all, strike no more; returns how many. What was struck stays so.

        Raises:
            EventError: There is no such fault.
        """
        return self._plan.clear(number)

    async def wait_struck(self, number: int, times: int, timeout_s: float) -> None:
        """Return once a fault has struck this often.

        Raises:
            EventError: There is no such fault.
            WaitTimeoutError: Not in time; says how often it has.
        """
        rule = self._plan.rule(number)
        await self._changed.until(
            lambda: rule.struck >= times,
            timeout_s,
            lambda: f"fault {number} ({rule.fault.kind}) has struck {rule.struck} times of {times}",
        )

    def suspend(self) -> None:
        """Let nothing strike: the server stops. What waits goes on; what is half open ends."""
        self._suspended = True
        for wait in self._waits:
            _end(wait)
        for connection in tuple(self._silent):
            self._strike(connection, LineFault.DROP)

    def resume(self) -> None:
        """Go on after :meth:`suspend`."""
        self._suspended = False

    async def at_handshake(self, user: int | None) -> Refusal | None:
        """Keep a newcomer (None: not known who) waiting as long as it is to; how it is refused, if it is."""
        for rule in self._plan.striking(Moment.HANDSHAKE, user, None):
            self._changed.fire()
            fault = rule.fault
            if fault.kind == "slow_accept":
                await self._wait(fault.seconds or 0)
                continue
            sentence = fault.reason or _REASON
            order = None if fault.code is None else CloseOrder(fault.code, sentence)
            return Refusal(sentence, fault.status, order)
        return None

    def at_opening(self, connection: Connection) -> None:
        """Strike a connection, or a poll of it, that has just opened."""
        for rule in self._plan.striking(Moment.OPEN, connection.user, connection.number):
            self._strike(connection, _LINE_FAULTS[rule.fault.kind])

    async def outgoing(self, connection: Connection, message: Frame) -> Passage:
        """What becomes of a message to a connection; a heartbeat is only held up by what is before it."""
        if message == PING:
            return Passage((message,))
        codec = connection.codec
        polling = connection.transport == "long polling"
        messages = [message]
        cut = False

        def possible(fault: Fault) -> bool:
            return fault.kind != "reorder" or len(damage.envelopes(codec, messages[0])) > 1

        for rule in self._plan.striking(Moment.MESSAGE, connection.user, connection.number, possible):
            self._changed.fire()
            kind = rule.fault.kind
            if kind in _LINE_FAULTS:
                self._strike(connection, _LINE_FAULTS[kind])
                return Passage(())
            match kind:
                case "delay":
                    await self._wait(rule.fault.seconds or 0)
                case "truncate":
                    # A poll's answer has a length: what is cut off shows by itself.
                    messages = [message if polling else damage.cut(message, rule.random)]
                    cut = True
                    break
                case "reorder":
                    messages[0] = damage.shuffled(codec, messages[0], rule.random)
                case "malformed":
                    noise = damage.garbage_in_answer if polling else damage.garbage
                    messages.insert(0, noise(codec, rule.random))
                case _:
                    messages.append(messages[-1])
        if polling and len(messages) > 1:
            messages = [damage.one_answer(codec, messages)]
        return Passage(tuple(messages), cut)

    def _decide_now(self, rule: Rule, connection: Connection) -> None:
        if rule.strike():
            self._strike(connection, _LINE_FAULTS[rule.fault.kind])

    def _strike(self, connection: Connection, fault: LineFault) -> None:
        if fault is LineFault.HALF_OPEN:
            self._silent.add(connection)
        else:
            self._silent.discard(connection)
        if connection.on_strike is not None:
            connection.on_strike(fault)
        self._changed.fire()

    async def _wait(self, seconds: float) -> None:
        if self._suspended:
            return
        wait = asyncio.get_running_loop().create_future()
        timer = self._clock.call_later(seconds, lambda: _end(wait))
        self._waits.add(wait)
        try:
            await wait
        finally:
            timer.cancel()
            self._waits.discard(wait)


def _end(wait: asyncio.Future[None]) -> None:
    if not wait.done():
        wait.set_result(None)
