"""Build what is published, and say what went into it: ``make dist``.

Into dist/: the wheel and the sdist; two bills of materials (CycloneDX, JSON): the Python packages of the
environment that the tests run in, with who needs whom, and the npm packages that the client is built and
tested with; SHA256SUMS.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tomllib

from tools.release_tools import ROOT, release_tools

DIST = ROOT / "dist"


def main() -> None:
    """Build everything anew."""
    shutil.rmtree(DIST, ignore_errors=True)
    programs = release_tools()
    subprocess.run([programs / "python", "-m", "build", "--outdir", DIST, ROOT], check=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    python, npm = (DIST / f"bxpull-{version}.{name}.cdx.json" for name in ("python", "npm"))
    cyclonedx = (programs / "cyclonedx-py", "environment", "--pyproject", ROOT / "pyproject.toml")
    subprocess.run((*cyclonedx, "--output-file", python, ROOT / ".venv" / "bin" / "python"), check=True)
    sbom = ["npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only"]
    npm.write_bytes(subprocess.run(sbom, cwd=ROOT, capture_output=True, check=True).stdout)
    for path in (python, npm):
        print(f"dist: {path.name}: {len(json.loads(path.read_text('utf-8'))['components'])} packages")
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in sorted(DIST.iterdir())
    ]
    (DIST / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")
    print("\n".join(sums))


if __name__ == "__main__":
    main()
