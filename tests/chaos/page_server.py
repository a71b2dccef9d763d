"""Where the chaos test's page comes from: an origin of its own, which stays when the push server dies."""

from __future__ import annotations

import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import bxpull
from tests.chaos.scale import TIME_FACTOR

if TYPE_CHECKING:
    from types import TracebackType

# Milliseconds of the page, whose timers are faster: real waits are at most 10 and 50.
_OPTIONS = {"minReconnectDelay": 10 * TIME_FACTOR, "maxReconnectDelay": 50 * TIME_FACTOR}
_HTML = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>chaos</title><link rel="icon" href="data:,">
<script src="page.js"></script><script src="bxpull.js"></script></head>
<body><script>chaos.start({_OPTIONS});</script></body>
</html>
"""


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Print nothing."""


class PageServer:
    """Serves the page from an origin of its own, so that it can be reloaded while the push server is dead.

    Attributes:
        url: Of the page, without query.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        out = Path(self._folder.name)
        bxpull.build(out=out, minify=True, demo=False, engine="native")
        (out / "page.js").write_text(Path(__file__).with_name("page.js").read_text("utf-8"), "utf-8")
        (out / "page.html").write_text(_HTML, "utf-8")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(out)))
        self.url = f"http://127.0.0.1:{self._server.server_port}/page.html"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()
