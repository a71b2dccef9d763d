"""What ``make audit`` and ``make dist`` run, in an environment of its own: ``requirements/release.lock``."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
_HOME = ROOT / "build" / "release-tools"


def release_tools() -> Path:
    """The folder of its programs; installs them if the lock file says something new.

    Raises:
        SystemExit: They cannot be installed; pip has said why.
    """
    programs = _HOME / "bin"
    lock = LOCKS / "release.lock"
    stamp = _HOME / lock.name
    wanted = lock.read_text("utf-8")
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        venv.create(_HOME, clear=True, with_pip=True)
        pip = (programs / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        done = subprocess.run((*pip, "-r", lock), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{lock.relative_to(ROOT)} cannot be installed:\n{done.stderr}")
        stamp.write_text(wanted, "utf-8")
    return programs
