"""The client that the harness puts into pages: built once, served from memory."""

from __future__ import annotations

import json
import re
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bxpull_server.web.identity import USER_FIELD

FOLDER = "/bxpull-harness"
"""Where the server has the harness's own files."""

BUNDLE_NAME = "bxpull.js"
# Lost connections come back soon, so that tests wait less, and one page is no stampede. Not shrunk: that is
# built at once, and stacks can be read.
_DEFAULTS: dict[str, Any] = {"min_reconnect_delay": 200, "minify": False}


# Stands in a bundle for pages of other origins where the address of a user's REST calls belongs.
_PLACE = "http://bxpull-harness.invalid/rest/"
# What would end a script that stands in a page; in JavaScript a backslash makes it the same text.
_END_OF_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_NO_END = r"<\\"


class Bundle:
    """A generated client; each kind is built when it is first needed, and once.

    Args:
        options: Of :class:`bxpull.BuildOptions`; ``min_reconnect_delay`` is 200 and ``minify`` false unless
            given.
    """

    def __init__(self, **options: Any) -> None:
        self._options = {**_DEFAULTS, **options}

    @property
    def is_shared(self) -> bool:
        """Whether tabs share one connection."""
        return bool(self._options.get("shared_worker"))

    @cached_property
    def scripts(self) -> dict[str, str]:
        """File name to text: the bundle for pages of the server, and the shared worker's script if any.

        Raises:
            bxpull.BxpullError: An option cannot be used, or there is no engine.
        """
        return _build(self._options)

    def injected(self, rest_url: str, *, on_server: bool) -> str:
        """The bundle for a page that has no script tag for it.

        Args:
            rest_url: Where it makes REST calls, with the page's user in the query.
            on_server: Whether the page is one of the server's. A page can have a shared worker of its own
                origin only, so on other pages the bundle has none.
        """
        code = self._on_server if on_server and self.is_shared else self._anywhere
        return code.replace(_PLACE, rest_url)

    @cached_property
    def inline(self) -> str:
        """The bundle for pages of the server in which it stands, instead of being fetched."""
        return _without_address(self.scripts)

    @cached_property
    def _on_server(self) -> str:
        # The worker is the same as that of a bundle with an address of its own.
        return _without_address(_build({**self._options, "rest_url": _PLACE}))

    @cached_property
    def _anywhere(self) -> str:
        options = {name: value for name, value in self._options.items() if name != "shared_worker"}
        return _build({**options, "rest_url": _PLACE})[BUNDLE_NAME]


def _without_address(scripts: dict[str, str]) -> str:
    """The bundle among these scripts, for where it has no address that its worker could be beside."""
    code = scripts[BUNDLE_NAME]
    for worker in scripts.keys() - {BUNDLE_NAME}:
        code = code.replace(worker, f"{FOLDER}/{worker}")
    return code


def _build(options: dict[str, Any]) -> dict[str, str]:
    import bxpull

    with TemporaryDirectory(prefix="bxpull-") as folder:
        result = bxpull.build(out=Path(folder) / BUNDLE_NAME, demo=False, **options)
        return {
            item.path.name: item.path.read_text("utf-8")
            for item in result.files
            if item.kind in ("bundle", "worker")
        }


@cache
def recorder() -> str:
    """The scripts that note what page code is told, and what looks like a secret."""
    folder = files("bxpull_server.harness") / "page"
    names = ("secrets.js", "handover.js", "recorder.js")
    return "".join((folder / name).read_text("utf-8") for name in names)


def settings_script(user: int, *, starts: bool) -> str:
    """Whose page it is, as a portal says before all scripts; and whether the recorder starts the client."""
    phrases = {"USER_ID": user} if user > 0 else {"pull_guest_mode": "Y", "pull_guest_user_id": user}
    return f"window.BX = {{ message: {json.dumps(phrases)} }};\nwindow.bxpullStarts = {json.dumps(starts)};\n"


def home_script(home: dict[str, Any]) -> str:
    """Where a page hands over what it leaves behind, for its recorder."""
    return f"window.bxpullHome = {json.dumps(home)};\n"


def page_html(title: str, user: int, code: str, *, starts: bool) -> str:
    """The page that is opened where the test has none of its own.

    Nothing else is fetched: a request for the client would take longer than reading it. Nothing comes after
    the scripts, so that the client need not wait for ``load``.

    Args:
        title: What the page is called.
        user: Whose page it is.
        code: The client.
        starts: Whether to connect.
    """
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<title>bxpull harness: {title}</title>\n<link rel="icon" href="data:,">\n'
        f"<script>\n{settings_script(user, starts=starts)}</script>\n"
        f"<script>\n{_END_OF_SCRIPT.sub(_NO_END, code)}\n//# sourceURL={FOLDER}/{BUNDLE_NAME}\n</script>\n"
        f"<script>\n{recorder()}bxpullRecorder.begin();\n</script>\n"
        "</head>\n<body></body>\n</html>\n"
    )


def init_script(bundle: Bundle, user: int, server_url: str, *, on_server: bool, starts: bool) -> str:
    """Client and recorder for a page, to be run before its own scripts.

    Args:
        bundle: The client.
        user: Whose page it is.
        server_url: Of the push server.
        on_server: Whether the page is one of that server's.
        starts: Whether to connect when the page is loaded.
    """
    code = bundle.injected(f"{server_url}/rest/?{USER_FIELD}={max(user, 0)}", on_server=on_server)
    # Pages keep the scripts of those for whom they were opened before: the last one's client counts.
    return (
        "if (!window.BX || BX === window.bxpullInjected) {\n"
        f"{settings_script(user, starts=starts)}{code}\nwindow.bxpullInjected = BX;\n}}\n"
        f"{recorder()}bxpullRecorder.watch();\n"
    )
