"""Faults by name: ``faults.drop()``, ``with faults.delay(500, user=1):`` and so on."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, NotRequired, TypedDict, TypeVar, Unpack, cast

from bxpull_server.faults.fault import FaultKind, FaultOptions, When

T = TypeVar("T")
_FIRST_CLOSE_CODE = 1000


class Whom(TypedDict):
    """Whom a fault meets, and how often, as keywords.

    Attributes:
        user: Only this user or (negative) guest.
        connection: Only the connection of this number, see ``connections()``.
        times: How often it strikes; None, or not given: see :class:`NamedFaults`.
    """

    user: NotRequired[int | None]
    connection: NotRequired[int | None]
    times: NotRequired[int | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """A fault that was asked for by name.

    Attributes:
        kind: What happens.
        options: All but how often.
        times: How often it was asked for; None: not said.
        at_once: It strikes what is open now, and by itself nothing that opens later.
    """

    kind: FaultKind
    options: FaultOptions
    times: int | None
    at_once: bool = False

    @property
    def once(self) -> FaultOptions:
        """As a call: until it has struck."""
        if self.times is not None or self.at_once:
            return self.lasting
        return {**self.options, "times": 1}

    @property
    def lasting(self) -> FaultOptions:
        """As a context manager: until its end, unless it was said how often."""
        return {**self.options, "times": self.times}


class NamedFaults(ABC, Generic[T]):
    """One method a fault.

    A plain call lets the fault strike once, or ``times`` times: ``drop`` and ``half_open`` every connection
    that is open now, the others the next message or handshake. As a context manager (``with``, on an event
    loop ``async with``) a fault strikes until the end of the block, also what opens meanwhile. Each is for
    those of :class:`Whom`, or, where nobody is named, for everybody.

    All of them happen between server and browser, so they reach pages and workers alike, in every transport.
    """

    @abstractmethod
    def _wish(self, wish: Wish) -> T:
        """Let it strike."""

    def drop(self, *, when: When = "now", **whom: Unpack[Whom]) -> T:
        """The line ends without a close frame (browsers say 1006).

        In reality: a proxy that restarts, a lost mobile network, a laptop that wakes up. Not realistic: both
        ends learn of it at the same moment; see :meth:`half_open`.

        Args:
            when: ``now``, or ``message``: at the next message, which is lost with the line.
            whom: See :class:`Whom`.
        """
        return self._strike("drop", whom, at_once=when == "now", when=when)

    def half_open(self, *, when: When = "now", **whom: Unpack[Whom]) -> T:
        """The line stays, but nothing comes any more and nothing is answered, pings neither.

        In reality: a NAT or firewall that has forgotten the connection, a frozen server. Clients find out by
        their watchdog only. Not realistic: here the operating system still confirms what the page sends.

        Args:
            when: ``now``, or ``message``: at the next message, which is lost.
            whom: See :class:`Whom`.
        """
        return self._strike("half_open", whom, at_once=when == "now", when=when)

    def delay(self, ms: float, **whom: Unpack[Whom]) -> T:
        """A message, and all behind it, waits so many milliseconds of the server's clock.

        In reality: a slow network, a busy server. Order is kept, as TCP keeps it. Not realistic: one message
        waits as a whole, where a slow network stretches it.

        Args:
            ms: How long, milliseconds.
            whom: See :class:`Whom`.
        """
        return self._strike("delay", whom, seconds=ms / 1000)

    def duplicate(self, *, seed: int = 0, **whom: Unpack[Whom]) -> T:
        """A message comes twice.

        In reality: a publisher that repeats what it had no answer to, a server that replays too much. The
        client drops what it has seen, by ``mid``.

        Args:
            seed: Of the random numbers.
            whom: See :class:`Whom`.
        """
        return self._strike("duplicate", whom, seed=seed)

    def reorder(self, *, seed: int = 0, **whom: Unpack[Whom]) -> T:
        """The events of one message are shuffled; a message of a single event is none.

        In reality: several push servers behind one address. Not realistic: only what goes out together is
        shuffled; no event overtakes one of an earlier message.

        Args:
            seed: Of the random numbers.
            whom: See :class:`Whom`.
        """
        return self._strike("reorder", whom, seed=seed)

    def truncate(self, *, seed: int = 0, **whom: Unpack[Whom]) -> T:
        """A message is cut off, then the line ends.

        In reality: a poll's answer that ends in the middle. WebSocket frames have a length, so there a proxy
        would have to cut the message and frame it anew: not realistic, but a decoder has to survive it.

        Args:
            seed: Of the random numbers.
            whom: See :class:`Whom`.
        """
        return self._strike("truncate", whom, seed=seed)

    def malformed(self, *, seed: int = 0, **whom: Unpack[Whom]) -> T:
        """Garbage comes before a message.

        In reality: a server that is newer than the client, an error page in the place of an answer. It costs
        only itself: the message behind it must be handled.

        Args:
            seed: Of the random numbers.
            whom: See :class:`Whom`.
        """
        return self._strike("malformed", whom, seed=seed)

    def refuse(self, how: int, *, user: int | None = None, reason: str = "", times: int | None = None) -> T:
        """The next connections are refused.

        In reality: a server that starts or has too much to do (503, 1013), a token that has expired (4010). A
        status shows in browsers as a failed connection and no more: pages are not told which.

        Args:
            how: HTTP status, 400 to 599, or the close code after an accepted handshake, from 1000 on.
            user: Only this user or guest.
            reason: The sentence that goes with it.
            times: How many; None: see above.
        """
        told: dict[str, Any] = {"code" if how >= _FIRST_CLOSE_CODE else "status": how}
        return self._strike("refuse", {"user": user, "times": times}, reason=reason, **told)

    def slow_accept(self, ms: float, *, user: int | None = None, times: int | None = None) -> T:
        """The next connections wait so many milliseconds of the server's clock until they are accepted.

        In reality: a server to which everybody comes back at once.

        Args:
            ms: How long, milliseconds.
            user: Only this user or guest.
            times: How many; None: see above.
        """
        return self._strike("slow_accept", {"user": user, "times": times}, seconds=ms / 1000)

    def _strike(self, kind: FaultKind, whom: Whom, *, at_once: bool = False, **options: Any) -> T:
        given = {**whom, **options}
        times = given.pop("times", None)
        return self._wish(Wish(kind, cast("FaultOptions", given), times, at_once))
