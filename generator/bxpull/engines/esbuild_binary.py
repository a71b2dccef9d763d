"""Finds the esbuild binary and runs it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bxpull.engines.node_modules import node_modules_folders
from bxpull.errors import EngineMissingError

__all__ = ["ESBUILD_ENV", "INSTALL_HINT", "MINIMUM_TEXT", "EsbuildBinary", "find_esbuild", "require_esbuild"]

ESBUILD_ENV = "BXPULL_ESBUILD"
MINIMUM = (0, 25)
"""Oldest esbuild that knows every target on offer and prints the messages we read."""
MINIMUM_TEXT = ".".join(map(str, MINIMUM))

INSTALL_HINT = f"run 'npm install esbuild', or set ${ESBUILD_ENV} to an esbuild binary"

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)\S*")
_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class EsbuildBinary:
    """A runnable esbuild.

    Attributes:
        path: The executable.
        version: Such as ``0.28.2``.
        origin: Where it was found, for people.
    """

    path: Path
    version: str
    origin: str

    def run(
        self, arguments: list[str], *, stdin: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs it once with text in and out; the exit code is the caller's to judge."""
        return subprocess.run(  # noqa: S603 - a binary we looked up, arguments without a shell
            [str(self.path), *arguments],
            input=stdin,
            cwd=cwd,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


def find_esbuild() -> EsbuildBinary | None:
    """The esbuild to use, or None if there is none.

    Looked for in ``$BXPULL_ESBUILD``, the nearest ``node_modules`` upwards from the working directory and
    from this package, and ``PATH``.

    Raises:
        EngineMissingError: If ``$BXPULL_ESBUILD`` names something that is no usable esbuild.
    """
    override = os.environ.get(ESBUILD_ENV)
    if override:
        return _usable(Path(override), f"${ESBUILD_ENV}", strict=True)
    for folder in node_modules_folders():
        for path in _in_node_modules(folder):
            found = _usable(path, "node_modules")
            if found:
                return found
    on_path = shutil.which("esbuild")
    return _usable(Path(on_path), "PATH") if on_path else None


def require_esbuild() -> EsbuildBinary:
    """Like ``find_esbuild``, but none is an error.

    Raises:
        EngineMissingError: If there is no usable esbuild.
    """
    found = find_esbuild()
    if found is None:
        raise EngineMissingError(
            f"engine native: no esbuild {MINIMUM_TEXT} or newer found; {INSTALL_HINT}, or use engine embedded"
        )
    return found


def _usable(path: Path, origin: str, *, strict: bool = False) -> EsbuildBinary | None:
    version = _version_of(path)
    if version and tuple(int(part) for part in version.split(".")[:2]) >= MINIMUM:
        return EsbuildBinary(path.absolute(), version, origin)
    if strict:
        reason = f"is esbuild {version}, too old" if version else "does not run as esbuild"
        raise EngineMissingError(
            f"${ESBUILD_ENV}: {path} {reason}; point it at esbuild {MINIMUM_TEXT} or newer, or unset it"
        )
    return None


def _version_of(path: Path) -> str | None:
    package = _package_version(path)
    if package:
        return package
    try:
        done = subprocess.run(  # noqa: S603 - a binary we looked up
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.fullmatch(done.stdout.strip())
    return ".".join(match.groups()) if match and done.returncode == 0 else None


def _package_version(path: Path) -> str | None:
    """Version from the package around a platform binary: saves one start of it."""
    manifest = path.parent.parent / "package.json"
    if path.parent.parent.parent.name != "@esbuild" or not path.is_file():
        return None
    match = (
        re.search(r'"version":\s*"(\d+\.\d+\.\d+)', manifest.read_text("utf-8"))
        if manifest.is_file()
        else None
    )
    return match[1] if match else None


def _in_node_modules(folder: Path) -> list[Path]:
    # The platform package's own binary starts at once; the one in .bin may go through Node.
    package = f"@esbuild/{_platform()}"
    windows = sys.platform == "win32"
    inside = "esbuild.exe" if windows else "bin/esbuild"
    candidates = [
        folder / package / inside,
        folder / "esbuild" / "node_modules" / package / inside,
        folder / ".bin" / ("esbuild.cmd" if windows else "esbuild"),
    ]
    return [path for path in candidates if path.is_file()]


def _platform() -> str:
    machine = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    return f"{sys.platform}-{machine}"
