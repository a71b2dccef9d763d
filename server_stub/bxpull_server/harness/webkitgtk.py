"""WebKitGTK, the one relative of Safari that runs everywhere: Playwright does not drive it, Selenium does.

``python -m bxpull_server.harness.webkitgtk install`` gets it on Debian, when run by root; without an argument
it tells whether it is there.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bxpull_server.harness.browsers import BrowserMissingError, debian_root, install_packages

__all__ = ["PACKAGES", "WebKitGtk", "find_webkitgtk", "install", "require_webkitgtk"]

PACKAGES = ("webkit2gtk-driver", "xvfb")
"""Debian's packages of what is needed."""

_LIBRARIES = Path("/usr/lib")
# Debian and Ubuntu have a folder for the architecture in between, Fedora and Arch have none.
_BROWSERS = (
    "*/webkit2gtk-4.*/MiniBrowser",
    "webkit2gtk-4.*/MiniBrowser",
    "*/webkitgtk-6.*/MiniBrowser",
    "webkitgtk-6.*/MiniBrowser",
)


@dataclass(frozen=True)
class WebKitGtk:
    """What it takes to open a page in WebKitGTK without a screen.

    Attributes:
        browser: ``MiniBrowser``, which WebKit brings for tests.
        driver: ``WebKitWebDriver``.
        display: ``Xvfb``: the browser has no headless mode.
    """

    browser: Path
    driver: Path
    display: Path


def find_webkitgtk() -> WebKitGtk | None:
    """Looks for it; None if a part of it is missing. Starts no process."""
    browsers = [path for pattern in _BROWSERS for path in sorted(_LIBRARIES.glob(pattern), reverse=True)]
    driver, display = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if not browsers or driver is None or display is None:
        return None
    return WebKitGtk(browsers[0], Path(driver), Path(display))


def require_webkitgtk() -> WebKitGtk:
    """The same.

    Raises:
        BrowserMissingError: If a part is missing; says how to get it.
    """
    found = find_webkitgtk()
    if found is None:
        raise BrowserMissingError(f"no WebKitGTK found: {_hint()}")
    return found


def install() -> WebKitGtk | None:
    """Gets it if it is missing, from Debian's packages when run by root; None if it could not be had."""
    if find_webkitgtk() is None and debian_root():
        install_packages(PACKAGES)
    return find_webkitgtk()


def _hint() -> str:
    return f"run 'apt-get install -y {' '.join(PACKAGES)}' as root, or install what your system calls them"


def _main(arguments: list[str]) -> int:
    if arguments not in ([], ["install"]):
        print("usage: python -m bxpull_server.harness.webkitgtk [install]", file=sys.stderr)  # noqa: T201
        return 2
    found = install() if arguments else find_webkitgtk()
    print(f"webkitgtk: {f'system {found.browser}' if found else f'missing: {_hint()}'}")  # noqa: T201
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
