"""What the server pretends to be to whom: server version and mode, by user."""

from dataclasses import dataclass, replace

from bxpull_server.errors import EventError

SERVER_VERSIONS = (1, 2, 3, 4, 5)
MODES = ("personal", "shared")

PUBLIC_IDS_SINCE = 4
TOKENS_SINCE = 5


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of push server.

    Attributes:
        version: Server version, 1 to 5.
        mode: ``personal`` (a box of its own) or ``shared`` (the cloud: subscribers send the ``clientId``).
    """

    version: int
    mode: str

    @property
    def shared(self) -> bool:
        """Whether it is the cloud's."""
        return self.mode == "shared"

    @property
    def has_public_ids(self) -> bool:
        """Whether others may publish to a user: public ids are signed along, and browsers may publish."""
        return self.version >= PUBLIC_IDS_SINCE

    @property
    def has_tokens(self) -> bool:
        """Whether configs carry a JWT."""
        return self.version >= TOKENS_SINCE


def version_problem(version: object) -> str | None:
    """What is wrong with a server version; None: nothing."""
    if isinstance(version, bool) or not isinstance(version, int) or version not in SERVER_VERSIONS:
        return f"{version!r} is none: choose 1, 2, 3, 4 or 5"
    return None


def mode_problem(mode: object) -> str | None:
    """What is wrong with a mode; None: nothing."""
    return None if mode in MODES else f"must be personal or shared, not {mode!r}"


class Profiles:
    """The profile of everybody, and those of single users.

    Attributes:
        default: Whoever has none of their own has this one.
    """

    def __init__(self, default: Profile) -> None:
        self.default = default
        self._own: dict[int, Profile] = {}

    def of(self, user: int) -> Profile:
        """The profile of a user or guest; 0: everybody's."""
        return self._own.get(user, self.default)

    def change(self, user: int, *, version: int | None = None, mode: str | None = None) -> Profile:
        """Change what a user or guest sees from the next config on; None leaves a part as it is.

        Raises:
            EventError: There is no such version or mode.
        """
        profile = self.of(user)
        if version is not None:
            _refuse("server_version", version_problem(version))
            profile = replace(profile, version=version)
        if mode is not None:
            _refuse("mode", mode_problem(mode))
            profile = replace(profile, mode=mode)
        self._own[user] = profile
        return profile


def _refuse(field: str, problem: str | None) -> None:
    if problem is not None:
        raise EventError(field, problem)
