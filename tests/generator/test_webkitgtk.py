"""WebKitGTK is found with all its parts, or the message says how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bxpull_server.harness import browsers, webkitgtk
from bxpull_server.harness.browsers import BrowserMissingError
from bxpull_server.harness.webkitgtk import PACKAGES, WebKitGtk, find_webkitgtk, install, require_webkitgtk

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "apt-get install -y webkit2gtk-driver xvfb"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any of it; returns a folder that is on its PATH and holds its libraries."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(webkitgtk, "_LIBRARIES", tmp_path)
    return tmp_path


def provide(folder: Path) -> WebKitGtk:
    browser = folder / "x86_64-linux-gnu" / "webkit2gtk-4.1" / "MiniBrowser"
    browser.parent.mkdir(parents=True)
    for path in (browser, folder / "WebKitWebDriver", folder / "Xvfb"):
        path.write_text("#!/bin/sh\n", "utf-8")
        path.chmod(0o755)
    return WebKitGtk(browser, folder / "WebKitWebDriver", folder / "Xvfb")


def test_it_is_found_with_all_its_parts(bare: Path) -> None:
    parts = provide(bare)
    assert require_webkitgtk() == parts


@pytest.mark.parametrize("part", ["browser", "driver", "display"])
def test_without_a_part_the_message_says_how_to_get_it(bare: Path, part: str) -> None:
    lacking: Path = getattr(provide(bare), part)
    lacking.unlink()
    with pytest.raises(BrowserMissingError, match=COMMAND):
        require_webkitgtk()


@pytest.mark.parametrize("root", [True, False])
def test_root_installs_it_on_debian(bare: Path, monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    commands: list[str] = []

    def pretend(command: list[str]) -> None:
        commands.append(" ".join(command))
        if "install" in command:
            provide(bare)

    monkeypatch.setattr(browsers, "_try", pretend)
    monkeypatch.setattr(webkitgtk, "debian_root", lambda: root)
    assert (install() is not None) is root
    wanted = ["apt-get update", f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"]
    assert commands == (wanted if root else [])
    again = len(commands)
    assert install() == find_webkitgtk()
    assert len(commands) == (again if root else 0)
