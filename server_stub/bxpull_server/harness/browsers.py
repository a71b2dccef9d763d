"""Which browsers Playwright can drive on this machine, how each is launched, and how to get a missing one.

``python -m bxpull_server.harness.browsers install`` gets what is missing; without an argument it lists.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "NAMES",
    "Browser",
    "BrowserMissingError",
    "debian_root",
    "find_browser",
    "find_browsers",
    "install",
    "install_packages",
    "launch_options",
]

NAMES = ("chromium", "firefox")
"""The browsers that bxpull is tested in."""

_ENVIRONMENT = {"chromium": "BXPULL_CHROMIUM", "firefox": "BXPULL_FIREFOX"}
_COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"),
    "firefox": ("firefox-esr", "firefox"),
}
# A browser without its windows, as both Debian and Playwright call it: opens pages several times faster.
_SHELLS = {"chromium": "chromium-headless-shell"}
_FIXED_PLACES = {
    "chromium": (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
        "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
    ),
    "firefox": (
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        "C:/Program Files/Mozilla Firefox/firefox.exe",
    ),
}
_DEBIAN_PACKAGES = {"chromium": "chromium", "firefox": "firefox-esr"}
# Playwright drives a stock Firefox over WebDriver BiDi under this name; its own build it drives over Juggler.
_STOCK_FIREFOX = "moz-firefox"


@dataclass(frozen=True)
class Browser:
    """One browser, found or not.

    Attributes:
        name: ``chromium`` or ``firefox``, as Playwright calls it.
        found: Whether it can be launched.
        origin: ``playwright``, ``system``, the environment variable that names it, or an empty string.
        path: The executable, or None if it is Playwright's own affair or there is none.
        options: Keyword arguments for Playwright's ``launch()``.
        hint: What to do if it was not found, or what is wrong with the environment variable.
    """

    name: str
    found: bool
    origin: str = ""
    path: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)
    hint: str = ""


class BrowserMissingError(RuntimeError):
    """A browser that is needed cannot be found; the message says how to get it."""


def find_browsers() -> list[Browser]:
    """Every browser of ``NAMES``, found or not. Starts no process."""
    return [find_browser(name) for name in NAMES]


def find_browser(name: str, *, whole: bool = False) -> Browser:
    """Looks for one browser: environment variable, then Playwright's own build, then the system's.

    Args:
        name: One of ``NAMES``.
        whole: Whether it has to be a whole browser, which can show windows and keeps pages in a back/forward
            cache. A headless shell, which may be found otherwise, does neither, and is faster.

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in NAMES:
        raise ValueError(f"unknown browser {name!r}: give one of {', '.join(NAMES)}")
    variable = _ENVIRONMENT[name]
    override = os.environ.get(variable)
    if override:
        path = shutil.which(override)
        if path is None:
            hint = f"${variable} is {override!r}, which is no executable file: correct it or unset it"
            return Browser(name, found=False, hint=hint)
        return _system(name, Path(path), f"${variable}")
    if _playwright_build(name, whole=whole):
        channel = {"channel": name} if name in _SHELLS and whole else {}
        return Browser(name, found=True, origin="playwright", options={**channel, **_arguments(name)})
    for command in (*_shells(name, whole=whole), *_COMMANDS[name], *_FIXED_PLACES[name]):
        path = shutil.which(command)
        if path is not None:
            return _system(name, Path(path), "system")
    return Browser(
        name, found=False, hint=f"run '{install_command(name)}', or set ${variable} to an executable"
    )


def launch_options(name: str, *, whole: bool = False) -> dict[str, Any]:
    """Keyword arguments with which ``playwright.<name>.launch()`` starts this browser here.

    Args:
        name: One of ``NAMES``.
        whole: As for :func:`find_browser`; ``headless=False`` is yours to add.

    Raises:
        ValueError: If the name is unknown.
        BrowserMissingError: If the browser was not found.
    """
    browser = find_browser(name, whole=whole)
    if not browser.found:
        raise BrowserMissingError(f"no {name} found: {browser.hint}")
    return dict(browser.options)


def install_command(name: str) -> str:
    """The command that gets a browser on this machine."""
    if debian_root():
        return f"apt-get install -y {_DEBIAN_PACKAGES[name]}"
    return f"{Path(sys.executable).name} -m playwright install {name}"


def install(names: tuple[str, ...] = NAMES) -> list[Browser]:
    """Gets the browsers that are missing: from Playwright, else from Debian's packages when run by root.

    Returns:
        All of ``names`` afterwards; what could not be had says in ``hint`` what to do by hand.
    """
    for name in names:
        if not find_browser(name).found:
            _try([sys.executable, "-m", "playwright", "install", name])
    missing = [name for name in names if not find_browser(name).found]
    if missing and debian_root():
        install_packages([_DEBIAN_PACKAGES[name] for name in missing])
        # Older releases lack them, and nothing needs them.
        for name in missing:
            for shell in _shells(name, whole=False):
                install_packages([shell], update=False)
    return [find_browser(name) for name in names]


def install_packages(packages: Sequence[str], *, update: bool = True) -> None:
    """Installs Debian's packages, as far as that works: what is found afterwards tells.

    Args:
        packages: Their names.
        update: Whether to fetch the lists of packages first.
    """
    if update:
        _try(["apt-get", "update"])
    _try(["apt-get", "install", "-y", "--no-install-recommends", *packages])


def _system(name: str, path: Path, origin: str) -> Browser:
    options: dict[str, Any] = {"executable_path": str(path), **_arguments(name)}
    if name == "firefox":
        options["channel"] = _STOCK_FIREFOX
    return Browser(name, found=True, origin=origin, path=path, options=options)


def _arguments(name: str) -> dict[str, Any]:
    if name == "chromium" and _sandbox_impossible():
        return {"args": ["--no-sandbox"]}
    return {}


def _sandbox_impossible() -> bool:
    """Chromium refuses its sandbox to root, and has none to offer in most containers."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def debian_root() -> bool:
    """Whether this process may install Debian's packages."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def _shells(name: str, *, whole: bool) -> list[str]:
    return [_SHELLS[name]] if name in _SHELLS and not whole else []


def _playwright_build(name: str, *, whole: bool) -> bool:
    """Whether Playwright has its own build of this browser, complete and of the revision it asks for."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return False
    package = Path(spec.origin).parent / "driver" / "package"
    try:
        entries = json.loads((package / "browsers.json").read_text("utf-8"))["browsers"]
    except (OSError, ValueError, KeyError):
        return False
    folder = _playwright_folder(package)
    for entry in entries:
        if entry["name"] in (name, *_shells(name, whole=whole)):
            revisions = {entry["revision"], *entry.get("revisionOverrides", {}).values()}
            stem = entry["name"].replace("-", "_")
            if any(
                (folder / f"{stem}-{revision}" / "INSTALLATION_COMPLETE").exists() for revision in revisions
            ):
                return True
    return False


def _playwright_folder(package: Path) -> Path:
    place = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if place == "0":
        return package / ".local-browsers"
    if place:
        return Path(place).absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def _try(command: list[str]) -> None:
    """Runs a command whose success shows in what is found afterwards."""
    print(f"$ {' '.join([Path(command[0]).name, *command[1:]])}", flush=True)  # noqa: T201 - a command-line tool
    try:
        subprocess.run(command, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - fixed commands
    except OSError as error:
        print(f"  cannot run: {error.strerror or error}", flush=True)  # noqa: T201


def _main(arguments: list[str]) -> int:
    if arguments not in ([], ["install"]):
        print("usage: python -m bxpull_server.harness.browsers [install]", file=sys.stderr)  # noqa: T201
        return 2
    browsers = install() if arguments else find_browsers()
    for browser in browsers:
        place = (
            f"{browser.origin} {browser.path or ''}".strip() if browser.found else f"missing: {browser.hint}"
        )
        print(f"{browser.name}: {place}")  # noqa: T201
    return 0 if all(browser.found for browser in browsers) else 1


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
