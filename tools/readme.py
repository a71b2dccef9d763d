"""Write the bundle's size into README.md, from the manifest of a default build (minified, es2018).

``python tools/readme.py`` writes; ``--check`` only tells whether the figure is right (exit code 1: no).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import bxpull

README = Path(__file__).resolve().parent.parent / "README.md"
PART = re.compile(r"(<!-- size:begin[^\n]*-->\n).*?(<!-- size:end -->)", re.DOTALL)


def sentence() -> str:
    """The size in words, from the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        bxpull.build(bxpull.BuildOptions(out=folder, target="es2018", minify=True, demo=False))
        manifest = json.loads(Path(folder, "manifest.json").read_text("utf-8"))
    bundle = next(file for file in manifest["files"] if file["kind"] == "bundle")
    return (
        f"The default build, minified for es2018, is {bundle['bytes']:,} bytes, "
        f"{bundle['gzip_bytes']:,} gzipped: the whole client with the BX shim.\n"
    )


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit code."""
    old = README.read_text("utf-8")
    new, parts = PART.subn(lambda part: part[1] + sentence() + part[2], old)
    if parts != 1:
        print("readme: README.md must have one part from 'size:begin' to 'size:end'", file=sys.stderr)
        return 1
    if new == old:
        return 0
    if arguments == ["--check"]:
        print("readme: the size in README.md is old; run 'python tools/readme.py'", file=sys.stderr)
        return 1
    README.write_text(new, "utf-8")
    print("readme: wrote the size")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
