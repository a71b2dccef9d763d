"""Runs of the conformance page: each has users that nobody else has, and a secret that opens them to it."""

import secrets
from dataclasses import dataclass, field

from bxpull_server.errors import EventError, QueryError
from bxpull_server.secret_lookup import look_up

FIRST_USER = 2_000_000_000
"""Where the users of runs begin: beyond those of any portal, and below what PHP of 32 bits can count."""
USERS = 1_000
_NUMBERS = 100_000
_KEPT = 100


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        number: Which one; may be known.
        secret: What its page names it with; nobody else is told.
        faults: Numbers of the faults that it added.
    """

    number: int
    secret: str = field(repr=False)
    faults: list[int] = field(default_factory=list)

    @property
    def users(self) -> range:
        """Its users; its guests are the same numbers, negative."""
        first = FIRST_USER + self.number % _NUMBERS * USERS
        return range(first, first + USERS)

    @property
    def tags(self) -> str:
        """What the watch tags of this run begin with."""
        return f"conformance-{self.number}-"

    def check_user(self, user: int) -> int:
        """``user``, if it is one of this run's users or guests.

        Raises:
            EventError: It is somebody else.
        """
        if abs(user) not in self.users:
            first, last = self.users[0], self.users[-1]
            raise EventError("user", f"this run may touch its own users only, {first} to {last}, and guests")
        return user

    def check_tag(self, tag: str) -> str:
        """``tag``, if it is one of this run's.

        Raises:
            EventError: It is another one.
        """
        if not tag.startswith(self.tags):
            raise EventError("tag", f"this run may use its own tags only, which begin with {self.tags}")
        return tag


class Runs:
    """Those that have begun and not ended; of very many the newest."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._begun = 0

    def begin(self) -> Run:
        """A new run."""
        self._begun += 1
        run = Run(self._begun, secrets.token_urlsafe(18))
        self._runs[run.secret] = run
        while len(self._runs) > _KEPT:
            del self._runs[next(iter(self._runs))]
        return run

    def find(self, secret: object) -> Run:
        """The run with this secret.

        Raises:
            QueryError: There is none, or it has ended.
        """
        run = look_up(secret, self._runs) if isinstance(secret, str) else None
        if run is None:
            raise QueryError("there is no such run, or it has ended: load the conformance page again")
        return run

    def end(self, run: Run) -> None:
        """Nothing more is done for this run."""
        self._runs.pop(run.secret, None)
