"""Tools in environments of their own, each from a lock file, for ``audit``, ``dist`` and ``fuzz-guided``."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"


def release_tools() -> Path:
    """The folder of the programs that ``make audit`` and ``make dist`` need.

    Raises:
        SystemExit: They cannot be installed; pip has said why.
    """
    return tools_of("release")


def tools_of(name: str) -> Path:
    """The folder of the programs of a lock file; installs them if it says something new.

    Args:
        name: Of the file, without ``.lock``.

    Raises:
        SystemExit: They cannot be installed; pip has said why.
    """
    home = ROOT / "build" / f"{name}-tools"
    lock = LOCKS / f"{name}.lock"
    stamp = home / lock.name
    wanted = lock.read_text("utf-8")
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        venv.create(home, clear=True, with_pip=True)
        pip = (home / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        done = subprocess.run((*pip, "-r", lock), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{lock.relative_to(ROOT)} cannot be installed:\n{done.stderr}")
        stamp.write_text(wanted, "utf-8")
    return home / "bin"
