"""Set up everything that `make demo` and `make test` need; quick when nothing changed.

Needs Python >= 3.11 with venv, and the package registries. The virtual environment comes first; then the
locked Python packages and, at the same time, Node.js (the system's from version 22 on, else the one PyPI
carries) with the locked npm packages; then the pre-bundled client of the embedded engine, and browsers
(``--no-browsers``: not these). Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "bxpull-setup.json"
# A lock file is complete: resolving again would look at newer releases, which have no hash there. Modules are
# compiled when they are imported; most never are.
PIP_INSTALL = (BIN / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile")
LOCKED = ("--require-hashes", "-r")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22  # what vitest asks for


def fail(message: str) -> None:
    """End with a sentence that says what is missing and what to do."""
    sys.exit(f"setup: {message}")


def run(*command: str | Path, what: str) -> None:
    """Run a step, silent unless it fails."""
    print(f"setup: {what}", flush=True)
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        fail(f"{what} failed (exit {done.returncode}); see above. Are the package registries reachable?")


def environment() -> dict[str, str]:
    """The environment of `make` targets: the virtual environment's programs first."""
    return os.environ | {
        "PATH": os.pathsep.join([str(BIN), str(ROOT / "node_modules" / ".bin"), os.environ.get("PATH", "")]),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def digest(*paths: str) -> str:
    """One hash over files and folders (recursively)."""
    result = hashlib.sha256()
    for name in paths:
        path = ROOT / name
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            result.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return result.hexdigest()


class Stamps:
    """What was installed from what, so that a second run has nothing to do; for several threads."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._known: dict[str, str] = json.loads(STAMP.read_text()) if STAMP.is_file() else {}

    def fresh(self, step: str, value: str) -> bool:
        """Was the step done with this very input?"""
        return self._known.get(step) == value

    def done(self, step: str, value: str) -> None:
        """Remember that it was."""
        with self._writing:
            self._known[step] = value
            STAMP.write_text(json.dumps(self._known, indent=1))


def environment_of_python() -> None:
    """Create the virtual environment."""
    if sys.version_info < OLDEST_PYTHON:
        fail(f"Python {sys.version.split()[0]} is too old; use 3.11 or newer, e.g. make PYTHON=python3.12 …")
    if (BIN / "python").exists():
        return
    STAMP.unlink(missing_ok=True)
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it
    except ImportError:
        fail("this Python has no venv; on Debian and Ubuntu: apt-get install python3-venv")
    run(sys.executable, "-m", "venv", VENV, what="creating .venv")


def python_packages(stamps: Stamps) -> None:
    """Install the locked packages, and bxpull itself as editable."""
    version = digest("requirements/dev.lock", "pyproject.toml") + sys.version
    if stamps.fresh("python", version):
        return
    run(*PIP_INSTALL, *LOCKED, "requirements/dev.lock", what="installing Python packages")
    run(*PIP_INSTALL, "--no-build-isolation", "-e", ".", what="installing bxpull (editable)")
    stamps.done("python", version)


def node_version() -> int:
    """Major version of the `node` on the path that targets use; 0 when there is none, or no npm."""
    path = environment()["PATH"]
    if not (shutil.which("node", path=path) and shutil.which("npm", path=path)):
        return 0
    done = subprocess.run(
        ["node", "--version"], env=environment(), capture_output=True, text=True, check=False
    )
    found = re.match(r"v(\d+)", done.stdout)
    return int(found[1]) if found else 0


def node(stamps: Stamps) -> None:
    """Node.js and npm (the system's when new enough, else PyPI's into the environment), then npm packages."""
    version = digest("package-lock.json", "package.json")
    if (ROOT / "node_modules").is_dir() and stamps.fresh("npm", version):
        return
    if node_version() < OLDEST_NODE:
        run(
            *PIP_INSTALL,
            *LOCKED,
            "requirements/node.lock",
            what="installing Node.js from PyPI (the system has none, or an old one)",
        )
        if node_version() < OLDEST_NODE:
            fail(f"no Node.js from version {OLDEST_NODE} on: install one and try again")
    run("npm", "ci", "--no-audit", "--no-fund", what="installing npm packages")
    stamps.done("npm", version)


def prebuilt() -> None:
    """The client bundles that minified builds and the engine without Node use; checked each time."""
    code = "import bxpull.prebuild as p; p.ensure(same_tools=True) and print('setup: pre-bundled the client')"
    done = subprocess.run([BIN / "python", "-c", code], cwd=ROOT, env=environment(), check=False)
    if done.returncode:
        fail("the client could not be bundled; see above")


def browsers() -> None:
    """Chromium and Firefox: Playwright's or the system's, else installed. Checked each time.

    WebKitGTK too, where root can install it; there is no harm in its lack: its test says what to do.
    """
    done = subprocess.run(
        [BIN / "python", "-m", "bxpull_server.harness.browsers", "install"],
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    if done.returncode:
        fail("no usable browsers; see above")
    subprocess.run(
        [BIN / "python", "-m", "bxpull_server.harness.webkitgtk", "install"],
        cwd=ROOT,
        env=environment(),
        check=False,
    )


def main() -> None:
    """Do what is missing."""
    environment_of_python()
    stamps = Stamps()
    with ThreadPoolExecutor() as pool:
        for step in [pool.submit(python_packages, stamps), pool.submit(node, stamps)]:
            step.result()
    prebuilt()
    if "--no-browsers" not in sys.argv:
        browsers()


if __name__ == "__main__":
    main()
