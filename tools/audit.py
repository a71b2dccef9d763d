"""Ask whether a locked package has a known weakness: ``make audit``.

``pip-audit`` looks at each lock file in requirements/, ``npm audit`` at package-lock.json. Exits with 1 if
one has, and with 2 if nobody answers: mirrors of registries often do not. With ``--where-possible`` the
latter is only told.
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from enum import IntEnum
from typing import TYPE_CHECKING

from tools.release_tools import LOCKS, ROOT, release_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

OSV = "https://api.osv.dev/v1/query"
PATIENCE_S = 10


class Found(IntEnum):
    """What an audit came to; the exit status, too."""

    NOTHING = 0
    WEAKNESS = 1
    NO_ANSWER = 2


_SAYS = {Found.NOTHING: "", Found.WEAKNESS: "WEAK: ", Found.NO_ANSWER: "not audited, nobody answers: "}


def python_packages() -> Iterator[tuple[str, Found, str]]:
    """Each lock file, and what is known of its packages."""
    try:
        package = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "26.0"}
        with urllib.request.urlopen(OSV, json.dumps(package).encode(), PATIENCE_S):
            pass
    except OSError as error:
        yield "Python", Found.NO_ANSWER, str(error)
        return
    for lock in sorted(LOCKS.glob("*.lock")):
        audit = (release_tools() / "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner=off")
        done = subprocess.run(
            (*audit, "--vulnerability-service=osv", "-r", lock), capture_output=True, text=True, check=False
        )
        said = done.stderr.strip().rpartition("\n")[2]
        if done.returncode == 0:
            yield lock.name, Found.NOTHING, said
        elif done.stdout.strip():
            yield lock.name, Found.WEAKNESS, done.stdout
        else:
            yield lock.name, Found.NO_ANSWER, said


def npm_packages() -> Iterator[tuple[str, Found, str]]:
    """The same for npm's lock file."""
    done = subprocess.run(["npm", "audit", "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout or "{}")
    counts = answer.get("metadata", {}).get("vulnerabilities")
    if counts is None:
        yield "npm", Found.NO_ANSWER, answer.get("message") or done.stderr.strip()
    elif counts["total"]:
        weak = (f"{name} ({found['severity']})" for name, found in answer["vulnerabilities"].items())
        yield "npm", Found.WEAKNESS, ", ".join(weak)
    else:
        yield "npm", Found.NOTHING, "No known vulnerabilities found"


def main() -> int:
    """Ask, and tell."""
    results = []
    for ask in (python_packages, npm_packages):
        for name, found, text in ask():
            print(f"audit: {name}: {_SAYS[found]}{text}", flush=True)
            results.append(found)
    if Found.WEAKNESS in results:
        return Found.WEAKNESS
    if "--where-possible" in sys.argv[1:]:
        return Found.NOTHING
    return max(results)


if __name__ == "__main__":
    sys.exit(main())
