"""Write the bundle's sizes into README.md, from the manifests of minified builds for es2018.

``python tools/readme.py`` writes; ``--check`` only tells whether the figures are right (exit code 1: no).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import bxpull

README = Path(__file__).resolve().parent.parent / "README.md"
PART = re.compile(r"(<!-- size:begin[^\n]*-->\n).*?(<!-- size:end -->)", re.DOTALL)


def size(**options: Any) -> str:
    """The size of a build in words, from its manifest."""
    with tempfile.TemporaryDirectory() as folder:
        bxpull.build(out=folder, target="es2018", minify=True, demo=False, **options)
        manifest = json.loads(Path(folder, "manifest.json").read_text("utf-8"))
    bundle = next(file for file in manifest["files"] if file["kind"] == "bundle")
    return f"{bundle['bytes']:,} bytes, {bundle['gzip_bytes']:,} gzipped"


def sentences() -> str:
    """The sizes of the whole client and of the smallest one for servers of version 5."""
    return (
        f"The default build, minified for es2018, is {size()}: every protocol, long polling and\n"
        "the BX shim. With `--protocols jsonrpc --no-long-polling --no-shim`, for servers of version 5 and\n"
        f"pages that have BX, it is {size(protocols=['jsonrpc'], long_polling=False, shim=False)}.\n"
    )


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit code."""
    old = README.read_text("utf-8")
    new, parts = PART.subn(lambda part: part[1] + sentences() + part[2], old)
    if parts != 1:
        print("readme: README.md must have one part from 'size:begin' to 'size:end'", file=sys.stderr)
        return 1
    if new == old:
        return 0
    if arguments == ["--check"]:
        print("readme: the sizes in README.md are old; run 'python tools/readme.py'", file=sys.stderr)
        return 1
    README.write_text(new, "utf-8")
    print("readme: wrote the sizes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
