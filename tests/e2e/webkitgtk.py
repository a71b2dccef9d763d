"""WebKitGTK without a screen: MiniBrowser on an X server of its own, driven by Selenium."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium import webdriver

from bxpull_server.harness.webkitgtk import require_webkitgtk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def webkitgtk() -> Iterator[webdriver.WebKitGTK]:
    """A window of it.

    Raises:
        BrowserMissingError: It is not here; says how to get it.
    """
    parts = require_webkitgtk()
    options = webdriver.WebKitGTKOptions()
    options.binary_location = str(parts.browser)
    options.add_argument("--automation")
    with _display(parts.display) as name:
        service = webdriver.WebKitGTKService(str(parts.driver), env={**os.environ, "DISPLAY": name})
        driver = webdriver.WebKitGTK(options=options, service=service)
        try:
            yield driver
        finally:
            driver.quit()


@contextmanager
def _display(program: Path) -> Iterator[str]:
    """An X server, which chooses a free number and tells it; yields the display's name."""
    reader, writer = os.pipe()
    command = [str(program), "-displayfd", str(writer), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as told:
                number = told.readline().strip()
            assert number, "Xvfb ended before it had a display"
            yield f":{number}"
        finally:
            server.terminate()
