"""The browsers that Playwright can drive are found, and really start."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from bxpull_server.harness import browsers
from bxpull_server.harness.browsers import (
    NAMES,
    BrowserMissingError,
    find_browser,
    find_browsers,
    install,
    launch_options,
)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser; returns a folder that is on its PATH."""
    for name in NAMES:
        monkeypatch.delenv(f"BXPULL_{name.upper()}", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr(browsers, "_FIXED_PLACES", dict.fromkeys(NAMES, ()))
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return path


def playwright_builds() -> list[dict[str, Any]]:
    """Which builds of which browsers this Playwright asks for."""
    spec = find_spec("playwright")
    assert spec
    assert spec.origin
    path = Path(spec.origin).parent / "driver" / "package" / "browsers.json"
    builds: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["browsers"]
    return builds


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_found_starts(name: str) -> None:
    async with async_playwright() as playwright:
        browser = await getattr(playwright, name).launch(**launch_options(name))
        page = await browser.new_page()
        assert await page.evaluate("1 + 1") == 2
        await browser.close()


@pytest.mark.usefixtures("bare")
def test_a_missing_browser_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers, "debian_root", lambda: False)
    assert [item.found for item in find_browsers()] == [False, False]
    with pytest.raises(BrowserMissingError) as caught:
        launch_options("firefox")
    assert str(caught.value).endswith(
        "-m playwright install firefox', or set $BXPULL_FIREFOX to an executable"
    )
    monkeypatch.setattr(browsers, "debian_root", lambda: True)
    assert find_browser("firefox").hint.startswith("run 'apt-get install -y firefox-esr'")


def test_a_system_firefox_is_driven_over_bidi(bare: Path) -> None:
    path = executable(bare / "firefox-esr")
    found = find_browser("firefox")
    assert (found.origin, found.path) == ("system", path)
    assert launch_options("firefox") == {"executable_path": str(path), "channel": "moz-firefox"}


@pytest.mark.parametrize(("impossible", "arguments"), [(True, {"args": ["--no-sandbox"]}), (False, {})])
def test_chromium_gets_no_sandbox_only_where_it_cannot_have_one(
    bare: Path, monkeypatch: pytest.MonkeyPatch, impossible: bool, arguments: dict[str, object]
) -> None:
    monkeypatch.setattr(browsers, "_sandbox_impossible", lambda: impossible)
    path = executable(bare / "google-chrome")
    assert launch_options("chromium") == {"executable_path": str(path), **arguments}


def test_a_chromium_without_windows_is_preferred_where_none_are_to_be_seen(bare: Path) -> None:
    shell, whole = executable(bare / "chromium-headless-shell"), executable(bare / "chromium")
    assert launch_options("chromium")["executable_path"] == str(shell)
    assert launch_options("chromium", whole=True)["executable_path"] == str(whole)


def test_playwrights_own_build_comes_before_the_systems(bare: Path, tmp_path: Path) -> None:
    executable(bare / "firefox")
    revision = next(item["revision"] for item in playwright_builds() if item["name"] == "firefox")
    build = tmp_path / "playwright" / f"firefox-{revision}"
    build.mkdir(parents=True)
    assert find_browser("firefox").origin == "system", "a download that was cut off does not count"
    (build / "INSTALLATION_COMPLETE").touch()
    found = find_browser("firefox")
    assert (found.origin, found.options) == ("playwright", {})


def test_of_playwrights_builds_the_whole_one_is_launched_by_its_channel(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "_sandbox_impossible", lambda: False)
    executable(bare / "chromium")
    revisions = {item["name"]: item["revision"] for item in playwright_builds()}
    for name, origin in (("chromium-headless-shell", "system"), ("chromium", "playwright")):
        build = tmp_path / "playwright" / f"{name.replace('-', '_')}-{revisions[name]}"
        build.mkdir(parents=True)
        (build / "INSTALLATION_COMPLETE").touch()
        assert find_browser("chromium").origin == "playwright"
        assert find_browser("chromium", whole=True).origin == origin
    assert launch_options("chromium", whole=True) == {"channel": "chromium"}
    assert launch_options("chromium") == {}


def test_the_environment_wins_and_must_be_right(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(bare / "chromium")
    mine = executable(bare / "mine")
    monkeypatch.setenv("BXPULL_CHROMIUM", str(mine))
    assert (find_browser("chromium").origin, find_browser("chromium").path) == ("$BXPULL_CHROMIUM", mine)
    monkeypatch.setenv("BXPULL_CHROMIUM", str(bare / "gone"))
    with pytest.raises(BrowserMissingError, match=r"which is no executable file: correct it or unset it$"):
        launch_options("chromium")


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^unknown browser 'safari': give one of chromium, firefox$"):
        find_browser("safari")


def test_install_does_nothing_when_all_are_there(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(browsers, "_try", commands.append)
    executable(bare / "chromium")
    executable(bare / "firefox")
    assert all(item.found for item in install())
    assert commands == []


def test_install_tries_playwright_then_debian_and_tells_what_is_left(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []

    def pretend(command: list[str]) -> None:
        commands.append(" ".join(command[1:]))
        if command[:2] == ["apt-get", "install"]:
            executable(bare / "chromium")

    monkeypatch.setattr(browsers, "_try", pretend)
    monkeypatch.setattr(browsers, "debian_root", lambda: True)
    chromium, firefox = install()
    assert commands == [
        "-m playwright install chromium",
        "-m playwright install firefox",
        "update",
        "install -y --no-install-recommends chromium firefox-esr",
        "install -y --no-install-recommends chromium-headless-shell",
    ]
    assert chromium.found
    assert not firefox.found
    assert firefox.hint
