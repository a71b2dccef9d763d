"""Where the chaos test's page comes from: an origin of its own, which stays when the push server dies."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import bxpull
from tests.chaos.scale import SCALE_TIMERS
from tests.origin import Origin, Quiet

_PAGE_SCRIPT = Path(__file__).with_name("page.js").read_text("utf-8")
_WORKER = "worker.js"
_DELAYS = {"minReconnectDelay": 50, "maxReconnectDelay": 200}
_HTML = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>chaos</title><link rel="icon" href="data:,">
<script src="page.js"></script><script src="bxpull.js"></script></head>
<body><script>chaos.start(%s);</script></body>
</html>
"""


class PageServer(Origin):
    """Serves the page, for each mode in a folder of its name.

    Attributes:
        url: Of the origin.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        root = Path(self._folder.name)
        self._write(root / "direct", _DELAYS)
        shared = root / "shared"
        self._write(shared, {**_DELAYS, "sharedWorker": _WORKER}, shared_worker=True)
        worker = next(shared.glob("bxpull-worker-*.js")).read_text("utf-8")
        (shared / _WORKER).write_text(SCALE_TIMERS + worker, "utf-8")
        super().__init__(partial(_Handler, directory=str(root)))

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    @staticmethod
    def _write(folder: Path, options: dict[str, Any], **build: Any) -> None:
        bxpull.build(out=folder, minify=True, demo=False, engine="native", **build)
        (folder / "page.js").write_text(f"(() => {{{SCALE_TIMERS}}})();\n{_PAGE_SCRIPT}", "utf-8")
        (folder / "page.html").write_text(_HTML % json.dumps(options), "utf-8")


class _Handler(Quiet, SimpleHTTPRequestHandler):
    pass
