"""The client that the conformance page tests: built by ``bxpull`` when the page is switched on."""

import tempfile
from functools import cache
from pathlib import Path

from bxpull_server.conformance.site import JAVASCRIPT, SiteFile
from bxpull_server.errors import StartError

DIRECT = "client/direct.js"
SHARED = "client/shared.js"
WORKER = "client/worker.js"


@cache
def build_client() -> tuple[dict[str, SiteFile], str]:
    """The bundles by their paths below ``/conformance/``, and why there is none for shared workers ("").

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
        except bxpull.BxpullError as error:
            raise StartError(f"the client of the conformance page cannot be built: {error}") from None
        files = {DIRECT: _script(direct.bundle.path)}
        try:
            shared = bxpull.build(out=folder / "shared", demo=False, shared_worker=True)
        except bxpull.EngineMissingError as error:
            return files, f"the server cannot build it: {error}"
        except bxpull.BxpullError as error:
            raise StartError(f"the client of the conformance page cannot be built: {error}") from None
        return {
            **files,
            SHARED: _script(shared.bundle.path),
            WORKER: _script(shared.file("worker").path),
        }, ""


def _script(path: Path) -> SiteFile:
    return SiteFile(JAVASCRIPT, path.read_bytes())
