"""What a fault is: its kind, when it strikes, whom, how often; checked when it is made."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, NotRequired, TypedDict, TypeGuard, get_args

from bxpull_server.errors import EventError
from bxpull_server.protocol.close_codes import check_close_code
from bxpull_server.users import check_user

FaultKind = Literal[
    "slow_accept",
    "refuse",
    "delay",
    "drop",
    "half_open",
    "truncate",
    "reorder",
    "malformed",
    "duplicate",
]
When = Literal["now", "message"]
# In this order several faults strike one message: what is cut off is not doubled, what is lost is not cut.
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
MAX_SECONDS = 86_400
_STATUSES = range(400, 600)

_OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "slow_accept": ("seconds",),
    "refuse": ("status", "code", "reason"),
    "delay": ("seconds",),
    "drop": ("when",),
    "half_open": ("when",),
}


class Moment(Enum):
    """When it is decided whether a fault strikes."""

    HANDSHAKE = auto()
    OPEN = auto()
    MESSAGE = auto()


class FaultOptions(TypedDict):
    """What a kind of fault may be told, as keywords; :class:`Fault` says what they mean."""

    user: NotRequired[int | None]
    connection: NotRequired[int | None]
    times: NotRequired[int | None]
    probability: NotRequired[float]
    seed: NotRequired[int]
    when: NotRequired[When | None]
    seconds: NotRequired[float | None]
    status: NotRequired[int | None]
    code: NotRequired[int | None]
    reason: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for one user, for one connection, or (neither given) for everybody.

    Attributes:
        kind: What happens.
        user: Only to this user or (negative) guest.
        connection: Only to the connection with this number.
        times: How often it strikes; None: until it is cleared.
        probability: Of striking, each time it could; above 0, at most 1.
        seed: Begins the random numbers that decide this, and what is damaged how.
        when: ``drop`` and ``half_open``: ``now`` (None means that) strikes connections that are open, and
            those to come when they open; ``message`` at the next message, which is lost.
        seconds: ``delay`` and ``slow_accept``: how long, of the server's clock.
        status: ``refuse``: HTTP status of the answer, 400 to 599;
        code: or the close code after an accepted handshake.
        reason: ``refuse``: the sentence that goes with it.

    Raises:
        EventError: Names the field that is wrong, or that this kind does not have.
    """

    kind: FaultKind
    user: int | None = None
    connection: int | None = None
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    when: When | None = None
    seconds: float | None = None
    status: int | None = None
    code: int | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise EventError("kind", f"must be one of {', '.join(KINDS)}, not {self.kind!r:.40}")
        self._check_scope()
        if self.times is not None and (not _is_whole(self.times) or self.times < 1):
            raise EventError(
                "times",
                f"must be a whole number from 1 on, or null: until cleared; not {self.times!r:.40}",
            )
        if not (_is_number(self.probability) and 0 < self.probability <= 1):
            raise EventError(
                "probability", f"must be a number above 0 and at most 1, not {self.probability!r:.40}"
            )
        if not _is_whole(self.seed):
            raise EventError("seed", f"must be a whole number, not {self.seed!r:.40}")
        self._check_own_fields()

    @property
    def moment(self) -> Moment:
        """When it strikes."""
        if self.kind in ("slow_accept", "refuse"):
            return Moment.HANDSHAKE
        on_the_line = self.kind in ("drop", "half_open") and self.when != "message"
        return Moment.OPEN if on_the_line else Moment.MESSAGE

    def covers(self, user: int | None, connection: int | None) -> bool:
        """Whether this user (None: not known) or connection (None: there is none yet) is meant."""
        if self.connection is not None:
            return self.connection == connection
        return self.user is None or self.user == user

    def _check_scope(self) -> None:
        if self.user is not None:
            check_user(self.user)
        if self.connection is None:
            return
        if not _is_whole(self.connection):
            raise EventError(
                "connection",
                f"must be the number of a connection, as connections() and /control/state tell it, "
                f"not {self.connection!r:.40}",
            )
        if self.user is not None:
            raise EventError("connection", "give user or connection, not both: a connection has one user")
        if self.kind in ("slow_accept", "refuse"):
            raise EventError(
                "connection",
                f"{self.kind} strikes handshakes, which have no connection yet: give user, or none",
            )

    def _check_own_fields(self) -> None:
        own = _OWN_FIELDS.get(self.kind, ())
        given = {name for name in ("when", "seconds", "status", "code") if getattr(self, name) is not None}
        if self.reason != "":
            given.add("reason")
        for name in sorted(given.difference(own)):
            kinds = ", ".join(kind for kind in KINDS if name in _OWN_FIELDS.get(kind, ()))
            raise EventError(name, f"{self.kind} has none; it goes with {kinds}")
        if self.when not in (None, "now", "message"):
            raise EventError("when", f"must be now or message, not {self.when!r:.40}")
        if "seconds" in own and not (_is_number(self.seconds) and 0 < self.seconds <= MAX_SECONDS):
            raise EventError(
                "seconds",
                f"{self.kind} needs a number above 0, at most {MAX_SECONDS}, not {self.seconds!r:.40}",
            )
        if self.kind == "refuse":
            self._check_refusal()

    def _check_refusal(self) -> None:
        if (self.status is None) is (self.code is None):
            raise EventError("status", "refuse needs either status (of HTTP) or code (of a close frame)")
        if self.code is not None:
            check_close_code(self.code)
        elif not _is_whole(self.status) or self.status not in _STATUSES:
            raise EventError("status", f"must be from 400 to 599, not {self.status!r:.40}")
        if not isinstance(self.reason, str):
            raise EventError("reason", f"must be a text, not {self.reason!r:.40}")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
