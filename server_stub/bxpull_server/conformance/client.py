"""The client that the conformance page tests: built by ``bxpull`` when the page is switched on."""

import tempfile
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from bxpull_server.conformance.site import JAVASCRIPT, SiteFile
from bxpull_server.errors import StartError


@dataclass(frozen=True, slots=True)
class BuiltClient:
    """What was built.

    Attributes:
        direct: The bundle whose pages have a connection each.
        shared: The one whose pages share a connection.
        worker: The script of its shared worker.
    """

    direct: bytes
    shared: bytes
    worker: bytes

    @property
    def folder(self) -> str:
        """Where it is, below ``/conformance/``; another client has another place, so it can be cached."""
        return f"client/{sha256(self.direct + self.shared).hexdigest()[:16]}/"

    @property
    def files(self) -> dict[str, SiteFile]:
        """Its files by their paths below ``/conformance/``."""
        scripts = {"direct.js": self.direct, "shared.js": self.shared, "worker.js": self.worker}
        return {f"{self.folder}{name}": SiteFile(JAVASCRIPT, content) for name, content in scripts.items()}


@cache
def build_client() -> BuiltClient:
    """Build the client.

    ``bxpull`` is asked for here, and not before: the server does without it otherwise. It is asked once in a
    process, which may have many servers.

    Raises:
        StartError: There is no ``bxpull`` here, or it cannot build the client.
    """
    try:
        import bxpull
    except ImportError as error:
        raise StartError(
            f"the conformance page needs the package bxpull, which builds its client: {error}; "
            "install it, or leave the option conformance out"
        ) from None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            direct = bxpull.build(out=folder / "direct", demo=False)
            shared = bxpull.build(out=folder / "shared", demo=False, shared_worker=True)
        except bxpull.BxpullError as error:
            raise StartError(f"the client of the conformance page cannot be built: {error}") from None
        scripts = (direct.bundle, shared.bundle, shared.file("worker"))
        return BuiltClient(*(script.path.read_bytes() for script in scripts))
