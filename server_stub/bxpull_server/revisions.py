"""Which revision of its API the portal says it has; pages built for an older one ask to be reloaded."""

from dataclasses import dataclass

from bxpull_server.errors import EventError

REVISION_WEB = 19
REVISION_MOBILE = 3


@dataclass(slots=True)
class Revisions:
    """What configs and events announce.

    Attributes:
        web: To pages.
        mobile: To mobile applications.
    """

    web: int = REVISION_WEB
    mobile: int = REVISION_MOBILE

    def announce(self, revision: object) -> int:
        """Announce another revision to pages from now on; returns it.

        Raises:
            EventError: It is no whole number from 1 on.
        """
        if isinstance(revision, bool) or not isinstance(revision, int) or revision < 1:
            raise EventError("revision", f"must be a whole number from 1 on, not {revision!r:.40}")
        self.web = revision
        return revision
