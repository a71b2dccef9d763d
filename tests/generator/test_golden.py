"""The rendered files, compared with those in ``golden/``.

After a wanted change: ``BXPULL_REGENERATE=1 pytest tests/generator/test_golden.py``, then read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bxpull.cli.init import settings_text
from bxpull.engines import PLACEHOLDER
from bxpull.gen_test import Wish, outputs_of
from bxpull.options import PROTOCOLS
from bxpull.render import render
from bxpull_server.capture.lines import read_capture

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"

PAGE: dict[str, Any] = {
    "bundle": "bxpull.js",
    "bundle_url": "bxpull.js",
    "integrity": "sha384-AAAA",
    "format": "iife",
    "autostart": False,
    "events": "both",
    "shim": True,
    "worker": None,
    "worker_url": None,
    "console": None,
    "console_integrity": None,
}
WORKER = {"worker": "bxpull-worker-0.1.0-0a1b2c3d.js"}
CONSOLE = {"console": "bxpull-console-0.1.0-0a1b2c3d.js", "console_integrity": "sha384-BBBB"}
ODD: dict[str, Any] = {
    **PAGE,
    "bundle": '</script>"-->.mjs',
    "bundle_url": "%3C/script%3E%22--%3E.mjs",
    "format": "esm",
    "autostart": True,
}

WHOLE: dict[str, Any] = {
    "protocols": PROTOCOLS,
    "long_polling": True,
    "shim": True,
    "shared_worker": False,
}

CAPTURED: dict[str, Any] = {"time": "2026-11-30T00:26:13.987Z", "module": "im", "command": "message"}
LINES: list[dict[str, Any]] = [
    {
        **CAPTURED,
        "params": {"text": 'say "hi"', "chat": {"id": 7, "users": [1, 2]}, "at": None},
        "extra": {"own": 1},
    },
    {**CAPTURED, "params": {"id": 5}, "calls": ["onPullEvent-im", "onPullEvent", "subscribe server im"]},
    {**CAPTURED, "params": {"id": 5}, "calls": ["onPullEvent-im"]},
    {**CAPTURED, "module": "main", "command": "news", "params": [], "calls": []},
]


def _test_of(times: int, wish: Wish) -> str:
    return outputs_of(read_capture(LINES * times), wish)[-1].text


CASES: dict[str, Callable[[], str]] = {
    "entry-iife.js": lambda: render("entry.js", format="iife", settings=PLACEHOLDER, **WHOLE),
    "entry-esm.js": lambda: render("entry.js", format="esm", settings=PLACEHOLDER, **WHOLE),
    "entry-part.js": lambda: render(
        "entry.js",
        format="iife",
        settings=PLACEHOLDER,
        protocols=("jsonrpc",),
        long_polling=False,
        shim=False,
        shared_worker=False,
    ),
    "entry-shared.js": lambda: render(
        "entry.js", format="iife", settings=PLACEHOLDER, **WHOLE | {"shared_worker": True}
    ),
    "entry-shared-esm.js": lambda: render(
        "entry.js",
        format="esm",
        settings=PLACEHOLDER,
        **WHOLE | {"shared_worker": True, "long_polling": False},
    ),
    "entry-sockets.js": lambda: render(
        "entry.js", format="iife", settings=PLACEHOLDER, **WHOLE | {"long_polling": False}
    ),
    "snippet-iife.html": lambda: render("snippet.html", **PAGE),
    "snippet-no-shim.html": lambda: render("snippet.html", **PAGE | {"shim": False}),
    "snippet-shared.html": lambda: render("snippet.html", **PAGE | WORKER),
    "snippet-shared-elsewhere.html": lambda: render(
        "snippet.html", **PAGE | WORKER | {"worker_url": "/w.js"}
    ),
    "snippet-console.html": lambda: render("snippet.html", **PAGE | CONSOLE),
    "snippet-esm-odd-name.html": lambda: render("snippet.html", **ODD),
    "demo-iife.html": lambda: render("demo.html", **PAGE),
    "demo-esm-odd-name.html": lambda: render("demo.html", **ODD),
    "demo.js": lambda: render("demo.js", **PAGE),
    "demo-odd-name.js": lambda: render("demo.js", **ODD),
    "demo.css": lambda: render("demo.css", **PAGE),
    "bxpull.toml": settings_text,
    "gen-test-short.py.txt": lambda: _test_of(1, Wish(Path("test_chat.py"), user=5)),
    "gen-test-long.py.txt": lambda: _test_of(9, Wish(Path("test_chat.py"), url="/it's", inject=False)),
    "gen-test-no-calls.py.txt": lambda: _test_of(9, Wish(Path("chat.py"), calls=False)),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rendered_file_is_the_golden_one(name: str) -> None:
    text = CASES[name]()
    path = GOLDEN / name
    if os.environ.get("BXPULL_REGENERATE"):
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text


def test_golden_has_no_other_files() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(CASES)


@pytest.mark.parametrize("name", [name for name in CASES if name.endswith(".html")])
def test_html_has_no_inline_script_handler_or_style(name: str) -> None:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            names = {key for key, _ in attrs}
            assert tag != "style"
            assert tag != "script" or "src" in names
            assert not {key for key in names if key == "style" or key.startswith("on")}

    Reader().feed(CASES[name]())
