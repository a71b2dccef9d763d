"""What examples share: a page's script bundled by esbuild, as the page's own build would do it."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ESBUILD = HERE.parent / "node_modules" / ".bin" / "esbuild"

# Runs without pytest: python -m unittest discover examples/unittest_only
collect_ignore = ["unittest_only"]


@pytest.fixture(scope="session")
def bundled():
    """Makes one script of a file and all it imports; ``bundled(Path("app.jsx"))``."""

    @cache
    def bundle(entry):
        command = [ESBUILD, entry, "--bundle", "--jsx=automatic", "--log-level=warning"]
        command.append('--define:process.env.NODE_ENV="development"')
        # The Vue that compiles templates in the page.
        command.append("--alias:vue=vue/dist/vue.esm-bundler.js")
        return subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout

    return bundle


def pytest_collection_modifyitems(config, items):
    """Where both browsers are asked for, most run in Chromium only, to save time."""
    in_both = {"plain_page", "guest_page"}
    dropped = [
        item
        for item in items
        if item.path.is_relative_to(HERE)
        and item.path.parent.name not in in_both
        and getattr(item, "callspec", None) is not None
        and item.callspec.params.get("browser_name") == "firefox"
    ]
    if dropped and "chromium" in config.getoption("--browser"):
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]
